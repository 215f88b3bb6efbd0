using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Transports;
using Spillway.Transports.Sse;

namespace Spillway.Mercure;

/// <summary>SSE as Mercure has it: the payload as it is, the publisher's id where it gave one through Mercure, and its delay.</summary>
internal sealed class SseMercureEncoder(MercureCursors cursors) : SseRawEncoder(cursors)
{
    private static readonly byte[] Mark = Encoding.ASCII.GetBytes(MercurePublishEndpoint.IdMark + " ");

    public override WireFormat Format => WireFormat.SseMercure;

    protected override void WriteHead(in EventRecord record, ulong epoch, ref BlockWriter block)
    {
        if (record.Id.StartsWith(Mark))
        {
            block.Write("id: "u8);
            block.Write(record.Id[Mark.Length..]); // Ingress lets no control character into it, so it cannot end its line.
        }
        else
        {
            base.WriteHead(record, epoch, ref block);
        }

        if (record.RetryMilliseconds is { } retry)
        {
            block.Write("\nretry: "u8);
            block.WriteNumber(retry);
        }
    }
}
