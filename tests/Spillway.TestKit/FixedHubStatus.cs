using Spillway.Operations;

namespace Spillway.TestKit;

/// <summary>A hub that says what it was told to say.</summary>
internal sealed record FixedHubStatus(long Connections, DateTimeOffset StartedAt) : IHubStatus;
