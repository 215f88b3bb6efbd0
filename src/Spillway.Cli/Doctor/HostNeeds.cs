namespace Spillway.Cli.Doctor;

/// <summary>What so many connections need of a host. docs/operations.md, "What a host needs", has these figures with their sources.</summary>
/// <param name="Connections">Subscribers at once.</param>
internal sealed record HostNeeds(int Connections)
{
    /// <summary>Descriptors for everything but subscribers: files, publishers, and what accepting leaves free.</summary>
    public const int OtherDescriptors = 500;

    private const int ListenBacklog = 4_096; // What serve asks the kernel for; it never uses more.

    // What the hub keeps with its default settings: the window in four wire formats, what waits to be ordered, indexes, pages, the runtime itself.
    private const long HubBytes = 512L << 20;

    private const long BytesInTheHub = 1_024; // A parked connection with a few topics, and something of its own: bench/results/engine.md.
    private const long BytesInTheKernel = 5 * 1024; // Socket, file and epoll entry: half of what a loopback pair takes there, rounded up.
    private const long BytesOfAStalled = 48 * 1024; // Buffers in the kernel of a subscriber that reads nothing.
    private const int StalledOneIn = 10;

    /// <summary>Descriptors of the hub's process.</summary>
    public long Descriptors => (long)Connections + OtherDescriptors;

    /// <summary>Connections that may wait to be accepted.</summary>
    public long ListenQueue => Math.Min(ListenBacklog, Connections);

    /// <summary>The kernel's memory for what is on its way: it counts whole pages, so an event to everybody is one for each; and a tenth of the subscribers reads nothing.</summary>
    public long TcpBytes => (Connections * (long)Environment.SystemPageSize) + (Connections / StalledOneIn * BytesOfAStalled);

    /// <summary>The same in the kernel's unit.</summary>
    public long TcpPages => TcpBytes / Environment.SystemPageSize;

    /// <summary>Memory for the hub and for the kernel's share of its connections.</summary>
    public long Bytes => HubBytes + (Connections * (BytesInTheHub + BytesInTheKernel)) + TcpBytes;

    /// <summary>How many connections so much memory carries.</summary>
    public static long ConnectionsIn(long bytes)
    {
        const int Sample = 1_000_000;
        var sample = new HostNeeds(Sample);
        return Math.Max(0, (bytes - HubBytes) / ((sample.Bytes - HubBytes) / Sample));
    }
}
