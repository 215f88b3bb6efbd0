using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Transports.Hosted;

/// <summary>A response that Kestrel serves and a loop writes to; as a task, its end. One object, for there is one a connection.</summary>
internal sealed class HostedConnection(DeliveryLoop loop, HostedSink sink, PipeWriter output, CancellationToken aborted)
    : TaskCompletionSource<CloseReason>(TaskCreationOptions.RunContinuationsAsynchronously), IRunningConnection
{
    private Action? _flushed; // Most connections never wait.
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _flush;
    private CancellationTokenRegistration _aborted;
    private int _number;
    private int _generation;
    private volatile bool _broken;

    public PipeWriter Output => output;

    /// <summary>Whether a flush has failed: nothing reaches the subscriber any more.</summary>
    public bool IsBroken => _broken;

    public void Adopted(int number, int generation)
    {
        (_number, _generation) = (number, generation);
        sink.Attach(number, this);
        _aborted = aborted.UnsafeRegister(static state => ((HostedConnection)state!).Abort(), this);
    }

    public (int Number, int Generation) Place => (_number, _generation);

    public Task<CloseReason> Ended => Task;

    public void Refused() => End(CloseReason.Shutdown);

    /// <summary>Flushes. False if that has to wait: the loop is told when it is done.</summary>
    public bool TryFlush()
    {
        var flush = output.FlushAsync(CancellationToken.None);
        if (flush.IsCompletedSuccessfully)
        {
            Note(flush.Result);
            return true;
        }

        _flush = flush.ConfigureAwait(false).GetAwaiter();
        _flush.UnsafeOnCompleted(_flushed ??= OnFlushed);
        return false;
    }

    public void End(CloseReason reason)
    {
        _aborted.Unregister();
        TrySetResult(reason);
    }

    private void Abort() => loop.Post(LoopCommand.Gone(_number, _generation));

    private void OnFlushed()
    {
        try
        {
#pragma warning disable VSTHRD002 // It has completed: this is its continuation.
            Note(_flush.GetResult());
#pragma warning restore VSTHRD002
        }
#pragma warning disable CA1031 // Whatever broke the response, the loop has to know that it is free to close it.
        catch (Exception)
#pragma warning restore CA1031
        {
            _broken = true;
        }

        loop.Post(_broken ? LoopCommand.Gone(_number, _generation) : LoopCommand.Ready(_number, _generation));
    }

    private void Note(FlushResult result) => _broken |= result.IsCompleted || result.IsCanceled;
}
