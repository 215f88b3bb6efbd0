namespace Spillway.Backplane;

/// <summary>Takes events in their final order; the hub.</summary>
internal interface IEventSink
{
    /// <summary>
    /// Takes whole stamped records that are written. The memory is the caller's again when the call returns. May block for a bounded time when the window's readers
    /// are behind.
    /// </summary>
    void Accept(ReadOnlySpan<byte> records);
}
