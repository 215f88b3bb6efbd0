using System.Runtime.InteropServices;
using Spillway.Delivery;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>What is kept of a parked connection beside the loop's own state. 64 bytes; only its loop reads or writes it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct ParkedSocket
{
    /// <summary>The number in the connection's id.</summary>
    public ulong Id;

    /// <summary>Bytes written since it was parked.</summary>
    public long Bytes;

    /// <summary>The clock's timestamp when it was to be parked: its request's head was answered.</summary>
    public long Opened;

    public int Descriptor;

    /// <summary>The loop's generation of the number: tells events of an earlier socket apart.</summary>
    public int Generation;

    /// <summary>How many messages it sent in this second.</summary>
    public MessageRate Rate;

    /// <summary>Bytes that it sent and nobody wants.</summary>
    public int Ignored;

    public ParkedFlags Flags;
    public WireFormat Format;
}
