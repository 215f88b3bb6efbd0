using System.Text;
using Spillway.Backplane;
using Spillway.Events;

namespace Spillway.Mercure;

/// <summary>
/// Ids as Mercure has them: the hub's own cursors behind a hash, which no publisher's id may begin with. Those that publishers gave are looked for in the backplane. Any thread.
/// </summary>
/// <param name="own">The hub's cursors.</param>
/// <param name="backplane">Knows where events with publishers' ids are. Made when it is first asked: the hub, which has these cursors, is made before it.</param>
internal sealed class MercureCursors(CursorCodec own, Lazy<IBackplane> backplane) : CursorCodec
{
    /// <summary>What stands for the beginning of history, and for an id of which nothing is known.</summary>
    public const string Earliest = "earliest";

    private const byte Hash = (byte)'#';

    public override bool AreSealed => own.AreSealed;

    public override int FormatEvent(in EventRecord record, ulong epoch, Span<byte> into)
    {
        into[0] = Hash;
        return 1 + own.FormatEvent(record, epoch, into[1..]);
    }

    public override int FormatEvent(Position position, uint number, Span<byte> into)
    {
        into[0] = Hash;
        return 1 + own.FormatEvent(position, number, into[1..]);
    }

    public override int FormatPlace(Position place, Span<byte> into)
    {
        into[0] = Hash;
        return 1 + own.FormatPlace(place, into[1..]);
    }

    public override Position Read(ReadOnlySpan<char> cursor) => cursor is ['#', ..] ? own.Read(cursor[1..]) : default;

    public override bool TryReadEvent(ReadOnlySpan<char> id, out Position position, out uint number)
    {
        (position, number) = (Read(id), 0);
        return position != default;
    }

    /// <summary>Whether an id is read without those that publishers gave, or these are known: a hub that has just started is still reading them.</summary>
    public bool CanRead(string id) => id == Earliest || id[0] == Hash || backplane.Value.Restored.IsCompleted;

    /// <summary>The id of an event that was published, as subscribers get it where its publisher gave it none.</summary>
    public string IdOf(in PublishOutcome outcome)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatEvent(outcome.Last, outcome.Ephemeral, text)]);
    }

    /// <summary>The hub's own id for one that a publisher gave, if its event may be seen with these grants; else the id itself, behind which nobody can go on.</summary>
    public string OwnOf(string id, MercureGrants grants)
    {
        var position = id == Earliest || id[0] == Hash ? default : MercureIds.Find(backplane.Value, id, grants);
        return position == default ? id : TextOf(position);
    }

    /// <summary>Whether an id is the hub's, and nothing selected is missing between it and the first event that follows: then a client is told that it was known (R4).</summary>
    /// <param name="id">The id.</param>
    /// <param name="selectors">What the client asks for.</param>
    /// <remarks>History is read where a rule or damage has taken something behind it, up to the first event and no further than that.</remarks>
    public bool Knows(string id, SelectorSet selectors)
    {
        var (position, history) = (Read(id), backplane.Value.History);
        if (position == default || !history.TryFind(position, out var offset) || offset < history.Tail)
        {
            return false;
        }

        var lacking = history.MayLackUpTo(offset);
        return lacking <= offset || history.Read(selectors, offset, lacking, maxBytes: 1).Missing is null;
    }
}
