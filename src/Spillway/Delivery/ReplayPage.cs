using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>A page of history on its way to one connection: an encoded page, or the part of it behind the connection's position. Their number is bounded.</summary>
internal sealed class ReplayPage(Replayer owner)
{
    private EncodedPage _page = null!; // Set, like the request, before a page leaves the replayer.
    private int _first; // Events that lie before the request's position, and their bytes.
    private int _start;

    public ReplayRequest Request { get; private set; } = null!;

    /// <summary>The offset up to which was looked; the next page begins there.</summary>
    public long To => _page.To;

    /// <summary>What of the stretch history no longer has.</summary>
    public HistoryGap? Missing => _page.Missing;

    /// <summary>Whether history could not be read.</summary>
    public bool Failed => _page.Failed;

    /// <summary>Events left out because their time had passed, and the offset of the last of them.</summary>
    public int Expired => _page.Expired;

    public long LastExpired => _page.LastExpired;

    /// <summary>When they had.</summary>
    public long Time => _page.Time;

    /// <summary>Events that the connection gives up here, in order, and was not told of.</summary>
    public List<(long Offset, OverflowPolicy Policy)> GivenUp => _page.GivenUp;

    /// <summary>Offsets of events left out because a newer one of this page stands for them.</summary>
    public List<long> Superseded => _page.Superseded;

    /// <summary>Whether it ends before an event of a rule that disconnects.</summary>
    public bool IsRefused => _page.IsRefused;

    /// <summary>Whether it ends where a poll had no more room.</summary>
    public bool IsCutShort => _page.IsCutShort;

    public int Count => _page.Events.Count - _first;

    public ReadOnlySpan<byte> Bytes => _page.Bytes[_start..];

    public long OffsetAt(int index) => _page.Events[_first + index].Offset;

    /// <summary>Where an event's bytes end in <see cref="Bytes"/>.</summary>
    public int EndAt(int index) => _page.Events[_first + index].End - _start;

    /// <summary>Takes over one hold of a page that covers what is asked for.</summary>
    public void Set(ReplayRequest request, EncodedPage page)
    {
        (Request, _page, _first, _start) = (request, page, 0, 0);
        while (_first < page.Events.Count && page.Events[_first].Offset <= request.From)
        {
            _start = page.Events[_first++].End;
        }
    }

    /// <summary>Gives the page back, once.</summary>
    public void Return() => owner.TakeBack(this, _page);
}
