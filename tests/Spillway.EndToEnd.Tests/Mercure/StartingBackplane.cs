using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>A backplane that does not know the ids of before its start until a test says so.</summary>
internal sealed class StartingBackplane(IBackplane inner) : IBackplane
{
    private readonly TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IHistory History => inner.History;

    public bool IsFailing => inner.IsFailing;

    public Task Restored => _restored.Task;

    public void Restore() => _restored.SetResult();

    public ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken) => inner.PublishAsync(batch, cancellationToken);

    public Position[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most) => inner.FindNamed(space, name, most);

    public void Start(IEventSink sink) => inner.Start(sink);

    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
