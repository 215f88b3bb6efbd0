using Spillway.Operations;

namespace Spillway.Tests.Operations;

public sealed class ReadinessTests
{
    [Fact]
    public void State_AtFirst_IsStarting()
    {
        Assert.Equal(HubState.Starting, new Readiness().State);
    }

    [Fact]
    public void Set_Ready_IsReady()
    {
        var readiness = new Readiness();

        readiness.Set(HubState.Ready);

        Assert.Equal(HubState.Ready, readiness.State);
    }

    [Theory]
    [InlineData(HubState.Ready)]
    [InlineData(HubState.Starting)]
    internal void Set_AfterStopping_ChangesNothing(HubState late)
    {
        var readiness = new Readiness();
        readiness.Set(HubState.Stopping);

        readiness.Set(late);

        Assert.Equal(HubState.Stopping, readiness.State);
    }
}
