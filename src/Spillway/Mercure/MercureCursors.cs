using System.Text;
using Spillway.Backplane;
using Spillway.Events;

namespace Spillway.Mercure;

/// <summary>
/// Ids as Mercure has them: the hub's own cursors behind a hash, which no publisher's id may begin with; read are also those that publishers gave. Any thread.
/// </summary>
/// <param name="own">The hub's cursors.</param>
/// <param name="backplane">Knows where events with publishers' ids are. Made when it is first asked: the hub, which has these cursors, is made before it.</param>
internal sealed class MercureCursors(CursorCodec own, Lazy<IBackplane> backplane) : CursorCodec
{
    /// <summary>What stands for the beginning of history, and for an id of which nothing is known.</summary>
    public const string Earliest = "earliest";

    private const byte Hash = (byte)'#';

    /// <summary>Completed once the ids that publishers gave before the hub's start are known.</summary>
    public Task Restored => backplane.Value.Restored;

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

    public override Position Read(ReadOnlySpan<char> cursor) => cursor is ['#', ..] ? own.Read(cursor[1..]) : MercureIds.Find(backplane.Value, cursor);

    public override bool TryReadEvent(ReadOnlySpan<char> id, out Position position, out uint number)
    {
        (position, number) = (Read(id), 0);
        return position != default;
    }

    /// <summary>Whether an id is read without those that publishers gave, or these are known.</summary>
    public bool CanRead(string id) => id == Earliest || id[0] == Hash || Restored.IsCompleted;

    /// <summary>The id of an event that was published, as subscribers get it where its publisher gave it none.</summary>
    public string IdOf(in PublishOutcome outcome)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatEvent(outcome.Last, outcome.Ephemeral, text)]);
    }

    /// <summary>What a client is told of the id that it named (R4): that one, if all that followed it and is selected is still here; else <see cref="Earliest"/>.</summary>
    /// <param name="id">The id.</param>
    /// <param name="selectors">What the client asks for.</param>
    /// <param name="mayLack">Whether history may lack something behind its tail. Then it is read, up to the first event.</param>
    public string Known(string id, SelectorSet selectors, bool mayLack)
    {
        var (position, history) = (Read(id), backplane.Value.History);
        return position != default && history.TryFind(position, out var offset) && offset >= history.Tail
            && !(mayLack && offset < history.Head && history.Read(selectors, offset, history.Head, maxBytes: 1).Missing is not null) ? id : Earliest;
    }
}
