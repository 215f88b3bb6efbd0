using System.Text;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>What signals tell, as members of a JSON object: the same in every transport.</summary>
internal static class SignalJson
{
    /// <summary>Version of docs/protocol.md.</summary>
    private const int Protocol = 1;

    public static void WriteOpen(string connectionId, TimeSpan keepAlive, int retryMilliseconds, ref BlockWriter block)
    {
        block.Write("\"connection\":"u8);
        block.WriteJsonString(Encoding.UTF8.GetBytes(connectionId));
        block.Write(",\"keepAlive\":"u8);
        block.WriteNumber(keepAlive.TotalSeconds);
        block.Write(",\"protocol\":"u8);
        block.WriteNumber(Protocol);
        block.Write(",\"retry\":"u8); // A page cannot ask an EventSource for it, and wants to count down to the next try.
        block.WriteNumber(retryMilliseconds);
    }

    /// <summary>Both the time and what is left of it: a client's clock may be wrong.</summary>
    public static void WriteAuthExpiring(DateTimeOffset expires, TimeSpan left, ref BlockWriter block)
    {
        block.Write("\"expires\":\""u8);
        block.Write(Encoding.ASCII.GetBytes(Timestamp.Format(expires)));
        block.Write("\",\"expiresIn\":"u8);
        block.WriteNumber((long)left.TotalSeconds);
    }

    public static void WriteGap(in Gap gap, CursorCodec cursors, ref BlockWriter block)
    {
        block.Write("\"from\":"u8);
        if (gap.Cursor is { } sent)
        {
            block.WriteJsonString(Encoding.UTF8.GetBytes(sent)); // It may hold anything.
        }
        else
        {
            block.Write("\""u8);
            block.WriteCursor(gap.From, cursors);
            block.Write("\""u8);
        }

        block.Write(",\"to\":\""u8);
        block.WriteCursor(gap.To, cursors);
        block.Write("\",\"reason\":\""u8);
        block.Write(NameOf(gap.Reason));
        if (gap.Count is { } count)
        {
            block.Write("\",\"count\":"u8);
            block.WriteNumber(count);
            block.Write(",\"exact\":true"u8);
        }
        else
        {
            block.Write("\",\"exact\":false"u8);
        }
    }

    private static ReadOnlySpan<byte> NameOf(GapReason reason) => reason switch
    {
        GapReason.Overflow => "overflow"u8,
        GapReason.Shed => "shed"u8,
        GapReason.Expired => "expired"u8,
        GapReason.Retention => "retention"u8,
        GapReason.Lost => "lost"u8,
        GapReason.Corrupt => "corrupt"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The protocol has no name for this reason."),
    };
}
