using System.IO.Pipelines;

namespace Spillway.Transports.Parked;

/// <summary>Kestrel's end of the output. Flushing sends. Once detached it takes everything, says that all is well, and forgets it.</summary>
internal sealed class DetachableWriter(PipeWriter inner, SocketConnection connection) : PipeWriter
{
    private const int NowhereBytes = 4 * 1024;
    private static readonly byte[] Nowhere = GC.AllocateUninitializedArray<byte>(NowhereBytes); // Written by all that are detached, read by nobody.

    private volatile bool _detached;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _detached ? 0 : inner.UnflushedBytes;

    /// <summary>Nothing further comes from Kestrel; what came is sent. Not while somebody writes.</summary>
    public void Detach()
    {
        _detached = true;
        inner.Complete();
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => !_detached ? inner.GetMemory(sizeHint) : sizeHint <= NowhereBytes ? Nowhere : new byte[sizeHint];

    public override Span<byte> GetSpan(int sizeHint = 0) => !_detached ? inner.GetSpan(sizeHint) : GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (!_detached)
        {
            inner.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_detached)
        {
            return new(new FlushResult(isCanceled: false, isCompleted: false));
        }

#pragma warning disable CA2012 // Consumed by the caller; looked at here only to see whether it would wait.
        var flush = inner.FlushAsync(cancellationToken); // First: what is not committed is not sent.
        connection.Pump();
        return connection.HasEndedSending && flush.IsCompletedSuccessfully ? new(new FlushResult(isCanceled: false, isCompleted: true)) : flush;
#pragma warning restore CA2012
    }

    public override void CancelPendingFlush()
    {
        if (!_detached)
        {
            inner.CancelPendingFlush();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_detached)
        {
            inner.Complete(); // Without the exception: what was flushed before is sent all the same.
            connection.Pump();
        }
    }
}
