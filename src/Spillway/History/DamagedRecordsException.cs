namespace Spillway.History;

/// <summary>Records that were asked for fail their checksums, or cannot be read. Caught by the history, which notes it and reads again around them.</summary>
internal sealed class DamagedRecordsException(long from, long to) : IOException($"Records of the history after offset {from} and up to {to} are damaged.")
{
    public long From { get; } = from;

    public long To { get; } = to;
}
