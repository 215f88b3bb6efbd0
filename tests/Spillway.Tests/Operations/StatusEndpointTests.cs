using Spillway.History;
using Spillway.Operations;
using Spillway.TestKit;

namespace Spillway.Tests.Operations;

public sealed class StatusEndpointTests
{
    [Fact]
    public async Task HandleAsync_HubWithHistory_TellsAllMembers()
    {
        var history = new FixedHistory(new TopicSummary("a", 1, 0, false), new TopicSummary("b", 1, 0, false)) { Epoch = 36, Head = 37, Tail = 5, Size = (32, 4_096) };
        var request = new OperationsRequest(history);
        request.Settings.History.Data = "/var/lib/spillway";
        request.Clock.Advance(TimeSpan.FromSeconds(90.9));

        await StatusEndpoint.HandleAsync(request.Context);

        Assert.Equal(
            $$"""{"version":"{{StatusEndpoint.Version}}","uptimeSeconds":90,"cursor":"110-11","oldest":"110-5","connections":17,"topics":2,"events":32,"bytes":4096,"history":"/var/lib/spillway"}""",
            request.Text);
    }

    [Fact]
    public void Version_ThisBuild_IsThreeNumbers()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+$", StatusEndpoint.Version);
    }
}
