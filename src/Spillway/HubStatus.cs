using Spillway.Hub;
using Spillway.Operations;

namespace Spillway;

/// <summary>Tells the operators' endpoints about the hub.</summary>
internal sealed class HubStatus(PushHub hub) : IHubStatus
{
    public long Connections => hub.Connections;

    public DateTimeOffset StartedAt => hub.StartedAt;
}
