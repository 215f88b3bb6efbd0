using System.Buffers;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>Encoded events of one stretch of history for one connection. Pages are pooled: their number bounds what replay may hold.</summary>
internal sealed class ReplayPage(Replayer owner)
{
    private const int KeptBytes = 256 * 1024; // A page that one large event made grow further gives its memory back.

    private ArrayBufferWriter<byte> _bytes = new(4096);

    public ReplayRequest Request { get; set; } = null!; // Set before a page leaves the replayer.

    /// <summary>The offset up to which was looked; the next page begins there.</summary>
    public long To { get; set; }

    /// <summary>What of the stretch history no longer has.</summary>
    public HistoryGap? Missing { get; set; }

    /// <summary>Whether history could not be read.</summary>
    public bool Failed { get; set; }

    /// <summary>Events left out because their time had passed, and the offset of the last of them.</summary>
    public int Expired { get; set; }

    public long LastExpired { get; set; }

    /// <summary>Whether an event of it ends a topic.</summary>
    public bool Final { get; set; }

    /// <summary>Each event's offset and where its bytes end.</summary>
    public List<(long Offset, int End)> Events { get; } = [];

    public ArrayBufferWriter<byte> Output => _bytes;

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Gives the page back, once.</summary>
    public void Return()
    {
        (To, Missing, Failed, Expired, LastExpired, Final) = (0, null, false, 0, 0, false);
        Events.Clear();
        if (_bytes.Capacity > KeptBytes)
        {
            _bytes = new ArrayBufferWriter<byte>(4096);
        }

        _bytes.ResetWrittenCount();
        owner.TakeBack(this);
    }
}
