using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Spillway.Delivery;

namespace Spillway.Transports.Hosted;

/// <summary>A response that Kestrel serves and a loop writes to.</summary>
internal sealed class HostedConnection
{
    private readonly TaskCompletionSource<CloseReason> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DeliveryLoop _loop;
    private readonly Action _flushed;
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _flush;
    private CancellationTokenRegistration _aborted;
    private int _number;
    private int _generation;
    private volatile bool _broken;

    public HostedConnection(DeliveryLoop loop, PipeWriter output)
    {
        _loop = loop;
        Output = output;
        _flushed = OnFlushed;
    }

    public PipeWriter Output { get; }

    public Task<CloseReason> Ended => _ended.Task;

    /// <summary>Whether a flush has failed: nothing reaches the subscriber any more.</summary>
    public bool IsBroken => _broken;

    /// <summary>The loop has given it a number; an abort is told to the loop from now on.</summary>
    public void Adopted(int number, int generation, CancellationToken aborted)
    {
        (_number, _generation) = (number, generation);
        _aborted = aborted.UnsafeRegister(static state => ((HostedConnection)state!).Abort(), this);
    }

    /// <summary>Flushes. False if that has to wait: the loop is told when it is done.</summary>
    public bool TryFlush()
    {
        var flush = Output.FlushAsync(CancellationToken.None);
        if (flush.IsCompletedSuccessfully)
        {
            Note(flush.Result);
            return true;
        }

        _flush = flush.ConfigureAwait(false).GetAwaiter();
        _flush.UnsafeOnCompleted(_flushed);
        return false;
    }

    public void End(CloseReason reason)
    {
        _aborted.Unregister();
        _ended.TrySetResult(reason);
    }

    private void Abort() => _loop.Post(LoopCommand.Gone(_number, _generation));

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

        _loop.Post(_broken ? LoopCommand.Gone(_number, _generation) : LoopCommand.Ready(_number, _generation));
    }

    private void Note(FlushResult result) => _broken |= result.IsCompleted || result.IsCanceled;
}
