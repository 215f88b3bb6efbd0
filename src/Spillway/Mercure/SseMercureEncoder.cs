using Spillway.Delivery;
using Spillway.Events;
using Spillway.Transports;
using Spillway.Transports.Sse;

namespace Spillway.Mercure;

/// <summary>SSE as Mercure has it: the payload as it is, the id that a publisher of 0.x gave it, and its delay.</summary>
internal sealed class SseMercureEncoder(MercureCursors cursors) : SseRawEncoder(cursors)
{
    public override WireFormat Format => WireFormat.SseMercure;

    protected override void WriteHead(in EventRecord record, ulong epoch, ref BlockWriter block)
    {
        if (HasGivenId(record))
        {
            block.Write("id: "u8);
            block.Write(ScopedId.WithoutMark(record.Id)); // Ingress lets no control character into it, so it cannot end its line.
        }
        else
        {
            WriteId(record, epoch, ref block);
        }

        if (record.RetryMilliseconds is { } retry)
        {
            block.Write("\nretry: "u8);
            block.WriteNumber(retry);
        }
    }

    /// <summary>
    /// Behind an id that is not ours one alone that is: the standard has it change what a client comes back with, and not what its page is handed. For ours is never forgotten, and never given twice.
    /// </summary>
    protected override void WriteTail(in EventRecord record, ulong epoch, ref BlockWriter block)
    {
        if (HasGivenId(record))
        {
            WriteId(record, epoch, ref block);
            block.Write("\n\n"u8);
        }
    }

    private static bool HasGivenId(in EventRecord record) => MercureIds.IsName(record.Id);
}
