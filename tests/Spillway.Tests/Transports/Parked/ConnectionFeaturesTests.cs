using Microsoft.AspNetCore.Connections.Features;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class ConnectionFeaturesTests
{
    [Fact]
    public async Task Get_OwnFeatures_AreTheConnection()
    {
        await using var rig = await TransportRig.StartAsync();
        var (connection, client) = await rig.ConnectAsync();
        using (client)
        {
            var features = connection.Features;

            Assert.Same(connection, features.Get<IDetachableConnection>());
            Assert.Same(connection, features.Get<IConnectionLifetimeFeature>());
            Assert.Equal(connection.RemoteEndPoint, features.Get<IConnectionEndPointFeature>()?.RemoteEndPoint);
            Assert.Equal(connection.ConnectionId, features.Get<IConnectionIdFeature>()?.ConnectionId);
            Assert.NotNull(features.Get<IMemoryPoolFeature>()?.MemoryPool);
            Assert.Equal(7, features.Count());
        }
    }

    [Fact]
    public async Task Set_ManyThenNull_KeepsTheOthers()
    {
        await using var rig = await TransportRig.StartAsync();
        var (connection, client) = await rig.ConnectAsync();
        using (client)
        {
            var features = connection.Features;
            var types = typeof(string).Assembly.GetExportedTypes().Take(20).ToList();
            var revision = features.Revision;
            types.ForEach(type => features[type] = type);

            features[types[3]] = null;
            features[types[4]] = "other";

            Assert.Null(features[types[3]]);
            Assert.Equal("other", features[types[4]]);
            Assert.All(types.Skip(5), type => Assert.Same(type, features[type]));
            Assert.Equal(26, features.Count());
            Assert.True(features.Revision > revision);
        }
    }
}
