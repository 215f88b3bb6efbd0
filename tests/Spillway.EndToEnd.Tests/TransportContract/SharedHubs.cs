using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A fixture: hubs that the tests of a class share, one over each kind of sockets.</summary>
public abstract class SharedHubs : IAsyncLifetime
{
    private readonly Dictionary<HostSockets, HubServer> _hubs = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var sockets in Enum.GetValues<HostSockets>())
        {
            _hubs.Add(sockets, await HubServer.StartAsync(SetOptions, sockets: sockets));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs.Values)
        {
            await hub.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The one of a case.</summary>
    internal HubServer For(TransportCase @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return _hubs[@case.Sockets];
    }

    protected abstract void SetOptions(SpillwayOptions options);
}
