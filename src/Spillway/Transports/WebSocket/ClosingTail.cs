using System.Buffers;

namespace Spillway.Transports.WebSocket;

/// <summary>
/// The last bytes of what a faulty client sends: its frames are not read any more, but one that behaves so far ends with a close frame, and waits.
/// </summary>
internal sealed class ClosingTail
{
    private const int Head = 6; // With its mask.

    private readonly byte[] _last = new byte[Head + Frames.MaxControl];

    /// <summary>Takes what came. True: with it the client has closed, as far as one can tell.</summary>
    public bool Take(in ReadOnlySequence<byte> bytes)
    {
        var fresh = bytes.Slice(Math.Max(0, bytes.Length - _last.Length));
        var length = (int)fresh.Length;
        _last.AsSpan(length).CopyTo(_last);
        fresh.CopyTo(_last.AsSpan(_last.Length - length));
        for (var payload = 0; payload <= Frames.MaxControl; payload++)
        {
            if (_last[^(Head + payload)] == (0x80 | (byte)Opcode.Close) && _last[^(Head + payload - 1)] == (0x80 | payload))
            {
                return true;
            }
        }

        return false;
    }
}
