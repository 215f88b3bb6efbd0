using System.Buffers;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>One stretch of history, selected and encoded. Written by one reader, then shared: by the connections that it is on its way to, and by the cache.</summary>
internal sealed class EncodedPage
{
    private const int KeptBytes = 256 * 1024; // A page that one large event made grow further gives its memory back.

    private ArrayBufferWriter<byte> _bytes = new(4096);
    private int _holders;

    public SelectorSet Selectors { get; private set; } = null!; // Set before a page is filled.

    public WireFormat Format { get; private set; }

    /// <summary>The offset after which it begins.</summary>
    public long From { get; private set; }

    /// <summary>The offset up to which was looked; the next page begins there.</summary>
    public long To { get; set; }

    /// <summary>What of the stretch history no longer has.</summary>
    public HistoryGap? Missing { get; set; }

    /// <summary>Whether history could not be read.</summary>
    public bool Failed { get; set; }

    /// <summary>Events left out because their time had passed, and the offset of the last of them.</summary>
    public int Expired { get; set; }

    public long LastExpired { get; set; }

    /// <summary>When they had.</summary>
    public long Time { get; set; }

    /// <summary>Events that a slow connection gives up here and was not told of, in order.</summary>
    public List<(long Offset, OverflowPolicy Policy)> GivenUp { get; } = [];

    /// <summary>Offsets of events left out because a newer one of this page stands for them.</summary>
    public List<long> Superseded { get; } = [];

    /// <summary>Whether the page ends before an event of a rule that disconnects.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Whether the page ends where a poll had no more room. Behind its last event there may be bytes then that are nobody's.</summary>
    public bool IsCutShort { get; set; }

    /// <summary>Milliseconds since 1970 at which the first of its events expires.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Each event's offset and where its bytes end.</summary>
    public List<(long Offset, int End)> Events { get; } = [];

    public ArrayBufferWriter<byte> Output => _bytes;

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>About what it takes of memory.</summary>
    public int Size => _bytes.Capacity + (Events.Capacity * 16) + 256;

    /// <summary>Begins a page, for one holder.</summary>
    public void Begin(ReplayRequest request)
    {
        (Selectors, Format, From, To) = (request.Selectors, request.Format, request.From, request.From);
        (Missing, Failed, Expired, LastExpired, ExpiresAt) = (null, false, 0, 0, long.MaxValue);
        (IsRefused, IsCutShort) = (false, false);
        Events.Clear();
        GivenUp.Clear();
        Superseded.Clear();
        _bytes.ResetWrittenCount();
        _holders = 1;
    }

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>True if nobody holds it any more: it may begin again.</summary>
    public bool Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return false;
        }

        if (_bytes.Capacity > KeptBytes)
        {
            _bytes = new ArrayBufferWriter<byte>(4096);
        }

        return true;
    }
}
