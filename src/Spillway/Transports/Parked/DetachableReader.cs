using System.Buffers;
using System.IO.Pipelines;

namespace Spillway.Transports.Parked;

/// <summary>Kestrel's end of the input. Once detached it has come to its end, and what was not read belongs to somebody else.</summary>
internal sealed class DetachableReader(PipeReader inner) : PipeReader
{
    private volatile bool _detached;
    private volatile bool _reading;

    /// <summary>Whether somebody waits for bytes, or looks at some.</summary>
    public bool IsReading => _reading;

    private static ReadResult End => new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    public void Detach() => _detached = true;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_detached)
        {
            return new(End);
        }

        _reading = true;
        return inner.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_detached)
        {
            result = End;
            return true;
        }

        return _reading = inner.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_detached)
        {
            inner.AdvanceTo(consumed, examined);
            _reading = false;
        }
    }

    public override void CancelPendingRead()
    {
        if (!_detached)
        {
            inner.CancelPendingRead();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        if (!_detached)
        {
            inner.Complete(exception);
        }
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        if (_detached)
        {
            return new(End);
        }

        _reading = true;
        return inner.ReadAtLeastAsync(minimumSize, cancellationToken);
    }
}
