using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>The sockets below, where <c>UseSpillwayTransport</c> serves them. What is said of the kernel is Linux's.</summary>
public sealed class TransportOptions
{
    /// <summary>Whether connections leave the web server once their response has begun. Default: <see cref="ParkingMode.Auto"/>.</summary>
    public ParkingMode Parking { get; set; } = ParkingMode.Auto;

    /// <summary>The descriptors that new connections never take, kept for files and for connections that the hub opens itself. Default: 256.</summary>
    [Range(16, 1_000_000)]
    public int DescriptorReserve { get; set; } = 256;

    /// <summary>The descriptors that the process may have, if fewer than the system allows; 0: as many as that. Default: 0.</summary>
    [Range(0, int.MaxValue)]
    public int DescriptorLimit { get; set; }

    /// <summary>The connections that the kernel keeps until they are accepted; it cuts the number to net.core.somaxconn. Default: 4,096.</summary>
    [Range(1, 1_000_000)]
    public int Backlog { get; set; } = 4_096;

    /// <summary>Bytes that a client may send before they are read; then its sending waits. Default: 1 MiB.</summary>
    [Range(4_096, 1_073_741_824)]
    public int UnreadBytes { get; set; } = 1_024 * 1_024; // As Kestrel's MaxRequestBufferSize.

    /// <summary>Bytes that wait here because the kernel takes no more, before whoever writes has to wait. Default: 4 KiB.</summary>
    [Range(1_024, 1_073_741_824)]
    public int UnwrittenBytes { get; set; } = 4 * 1_024; // What the kernel takes never waits here.

    /// <summary>Bytes in the kernel that are not sent, above which a socket takes no more: those of a client that does not read. Default: 8 KiB.</summary>
    [Range(1_024, 1_073_741_824)]
    public int UnsentBytes { get; set; } = 8 * 1_024; // TCP_NOTSENT_LOWAT; a write begun below it may add as much as half of the peer's window. By default a client that never reads holds 4 MB.

    /// <summary>The same with what is sent and not acknowledged. Default: 256 KiB.</summary>
    [Range(4_096, 1_073_741_824)]
    public int UnacknowledgedBytes { get; set; } = 256 * 1_024; // SO_SNDBUF: so much may be on its way at once.

    /// <summary>
    /// How long a peer may acknowledge nothing, or take nothing, until the kernel ends its connection; the longer of this and <see cref="SseOptions.WriteStall"/> applies. Also after which silence it is asked whether
    /// it is still there. Default: 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a client may take to receive what precedes its first event, once its connection leaves the web server. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan HandOffTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to close an event stream that has left the web server and that the hub has ended; then it is closed all the same. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most connections that have left the web server, have ended, and wait for their clients to close them, in the whole hub: they are no more among <see cref="LimitOptions.Connections"/>, and each has a
    /// descriptor. When there are more, the one that waits longest is closed. Default: 10,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int LingeringConnections { get; set; } = 10_000; // Five seconds (CloseTimeout) of as many ends as Sse:AcceptRate spreads a drain to.

    /// <summary>How long a hub that stops waits for clients to close what it has ended, within <see cref="SpillwayOptions.GracePeriod"/>; then all that is left is closed. Default: 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StopLinger { get; set; } = TimeSpan.FromSeconds(1); // Several round trips.

    /// <summary>
    /// The most ends of connections that wait for the log, which tells of each at level Debug; the next power of two is taken. Ends that find no room are counted, and not told: a log so far behind is not read line by
    /// line. Default: 4,096.
    /// </summary>
    [Range(1, 1_048_576)]
    public int WaitingEnds { get; set; } = 4_096;

    /// <summary>The most bytes that a client may send over an event stream that has left the web server, where nothing is expected: they are read and forgotten. Default: 64 KiB.</summary>
    [Range(0, 16 * 1024 * 1024)]
    public int IgnoredBytes { get; set; } = 64 * 1024;
}
