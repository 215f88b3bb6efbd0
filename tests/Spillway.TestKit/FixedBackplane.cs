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

    public bool TryFindId(ReadOnlySpan<byte> id, out Position position)
    {
        position = default;
        return false;
    }

    public void Start(IEventSink sink) => throw new NotSupportedException();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
