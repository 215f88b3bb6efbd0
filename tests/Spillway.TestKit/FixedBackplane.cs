using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;

namespace Spillway.TestKit;

/// <summary>A backplane that orders nothing and shows a history.</summary>
internal sealed class FixedBackplane(IHistory history) : IBackplane
{
    public IHistory History => history;

    public bool IsFailing { get; set; }

    public ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Where events of any name are.</summary>
    public Position[] Named { get; set; } = [];

    public Position[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most) => [.. Named.Take(most)];

    public void Start(IEventSink sink) => throw new NotSupportedException();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
