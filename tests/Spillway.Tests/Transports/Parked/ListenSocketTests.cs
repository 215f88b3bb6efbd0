using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

public sealed class ListenSocketTests
{
    private const int Tcp = 6, SocketLevel = 1; // IPPROTO_TCP, SOL_SOCKET
    private const int NoDelay = 1, KeepIdle = 4, KeepInterval = 5, KeepCount = 6, UserTimeout = 18, NotSentLowWater = 25; // TCP_...
    private const int SendBuffer = 7, KeepAlive = 9; // SO_...

    [Fact]
    public void Bind_Backlog_IsTheKernels()
    {
        var most = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), System.Globalization.CultureInfo.InvariantCulture);
        using var few = ListenSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), new TransportOptions { Backlog = 7 }, TimeSpan.FromMinutes(1));
        using var usual = ListenSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), new TransportOptions(), TimeSpan.FromMinutes(1));

        Assert.Equal((7, Math.Min(4_096, most)), (BacklogOf(few), BacklogOf(usual)));
    }

    [Theory]
    [SocketKinds(1, 45, 45)]
    [SocketKinds(60, 45, 60)] // Who may stall longer is not cut by the kernel before.
    public async Task Accept_Connection_HasInheritedTheOptions(SocketKind sockets, int writeStallSeconds, int peerTimeoutSeconds, int expectedSeconds)
    {
        await using var rig = await TransportRig.StartAsync(
            sockets,
            options =>
            {
                options.PeerTimeout = TimeSpan.FromSeconds(peerTimeoutSeconds);
                (options.UnsentBytes, options.UnacknowledgedBytes) = (12_345, 54_321);
            },
            writeStall: TimeSpan.FromSeconds(writeStallSeconds));
        var (connection, client) = await rig.ConnectAsync();
        var adopter = new RecordingAdopter();
        Assert.True(((Spillway.Transports.Parked.IDetachableConnection)connection).TryDetach(adopter));
        var descriptor = (await adopter.Outcome)!.Value.Descriptor;

        Assert.Equal(1, Read(Tcp, NoDelay));
        Assert.Equal(12_345, Read(Tcp, NotSentLowWater));
        Assert.Equal(2 * 54_321, Read(SocketLevel, SendBuffer)); // The kernel doubles it.
        Assert.Equal(1, Read(SocketLevel, KeepAlive));
        Assert.Equal(expectedSeconds * 1_000, Read(Tcp, UserTimeout));
        Assert.Equal((expectedSeconds, expectedSeconds / 4, 4), (Read(Tcp, KeepIdle), Read(Tcp, KeepInterval), Read(Tcp, KeepCount)));
        rig.Calls.Close(descriptor);
        client.Dispose();

        int Read(int level, int name)
        {
            Assert.Equal(0, NativeSocket.GetOption(rig.Calls.DescriptorOf(descriptor), level, name, out var value));
            return value;
        }
    }

    /// <summary>Of a socket that listens, TCP_INFO tells the backlog where it tells of others what was acknowledged out of order.</summary>
    private static int BacklogOf(Socket socket)
    {
        const int Info = 11, AtBacklog = 28; // tcpi_sacked
        Span<byte> told = stackalloc byte[128];
        Assert.InRange(socket.GetRawSocketOption(Tcp, Info, told), AtBacklog + sizeof(int), 128);
        return BinaryPrimitives.ReadInt32LittleEndian(told[AtBacklog..]);
    }
}
