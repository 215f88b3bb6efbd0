namespace Spillway;

/// <summary>Reads the hub's history from inside the process, and goes on with what is published.</summary>
public interface IEventReader
{
    /// <summary>
    /// Reads the events of some topics and patterns in their order. It takes a page of at most 64 KiB (or one event) from history at a time: whoever reads slowly reads on
    /// from history, and holds no memory of the hub. What is no longer kept comes as a gap. Ephemeral events, of topics whose rule keeps no history, are not read.
    /// Private events are read: the host sees everything.
    /// </summary>
    /// <exception cref="ArgumentException">A topic or a pattern is not valid, or there is none.</exception>
    IAsyncEnumerable<ReadEvent> ReadAsync(ReadOptions options, CancellationToken cancellationToken = default);
}
