using Spillway.Operations;
using Spillway.TestKit;

namespace Spillway.Tests.Operations;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task HandleLiveAsync_AnyState_Is200()
    {
        var request = new OperationsRequest(new FixedHistory());
        request.Service<Readiness>().Set(HubState.Stopping);

        await HealthEndpoint.HandleLiveAsync(request.Context);

        Assert.Equal((200, "{\"status\":\"live\"}"), (request.Context.Response.StatusCode, request.Text));
    }

    [Theory]
    [InlineData(HubState.Starting, false, 503, "starting")]
    [InlineData(HubState.Ready, false, 200, "ready")]
    [InlineData(HubState.Ready, true, 503, "failed")]
    [InlineData(HubState.Stopping, true, 503, "stopping")]
    internal async Task HandleReadyAsync_State_IsToldByStatusAndWord(HubState state, bool failing, int status, string word)
    {
        var request = new OperationsRequest(new FixedHistory());
        request.Service<Readiness>().Set(state);
        request.Backplane.IsFailing = failing;

        await HealthEndpoint.HandleReadyAsync(request.Context);

        Assert.Equal((status, $"{{\"status\":\"{word}\"}}"), (request.Context.Response.StatusCode, request.Text));
        Assert.Equal("application/json", request.Context.Response.ContentType);
        Assert.Equal("no-store", request.Context.Response.Headers.CacheControl);
    }
}
