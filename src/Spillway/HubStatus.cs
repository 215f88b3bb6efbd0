using Spillway.Hub;
using Spillway.Operations;

namespace Spillway;

/// <summary>Tells the operators' endpoints about the hub.</summary>
internal sealed class HubStatus(PushHub hub, TimeProvider clock) : IHubStatus
{
    public long Connections => hub.Connections;

    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();
}
