using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Tests.Backplane;

/// <summary>Remembers what publishers were promised and subscribers were given, through all crashes, and holds a history against it.</summary>
internal sealed class CommitModel : IEventSink
{
    private static readonly SelectorSet Everything = new([], [TopicPattern.TryParse("**", out var all, out _) ? all! : throw new InvalidOperationException()]);

    private readonly Dictionary<(ulong Epoch, long Offset), string> _idAt = [];
    private readonly Dictionary<string, (ulong Epoch, long Offset)> _placeOf = [];
    private readonly HashSet<string> _delivered = [];
    private readonly HashSet<string> _deliveredNow = []; // In this life of the process.
    private InvalidOperationException? _fault;
    private long _lastDelivered;
    private long _largestTail; // What retention took may be gone.

    public List<PublishedBatch> Batches { get; } = [];

    /// <summary>The history of this life.</summary>
    public IHistory? History { get; private set; }

    public bool DeliversSynced { get; init; }

    /// <summary>Whether neither a fault of the disk nor a power loss has happened: then no gap may be told.</summary>
    public bool IsFaultless { get; set; } = true;

    /// <summary>Events of this life's history by id, as they are now.</summary>
    public Dictionary<string, long> Present { get; private set; } = [];

    /// <summary>Takes what the backplane hands on to the hub.</summary>
    public void Accept(ReadOnlySpan<byte> records)
    {
        try
        {
            Take(records);
        }
        catch (InvalidOperationException fault)
        {
            _fault ??= fault; // The backplane lives with a sink that throws.
        }
    }

    /// <summary>A process has begun: checks what its history has kept.</summary>
    public void Begin(IHistory history, bool powerLost)
    {
        Require(_fault is null, _fault?.Message);
        History = history;
        var isFirst = _idAt.Count == 0;
        Require(isFirst || _idAt.Keys.All(place => place.Epoch == history.Epoch), "The history has another epoch.");
        var furthest = isFirst ? 0 : _idAt.Keys.Max(static place => place.Offset);
        Require(history.NextOffset > furthest, $"Offset {history.NextOffset} is used again: {furthest} was.");
        Require(history.Synced <= history.Head, "More is synced than written.");
        (_lastDelivered, Present) = (0, ReadAll());
        _deliveredNow.Clear();
        foreach (var batch in Batches)
        {
            var level = powerLost ? CommitLevel.Synced : CommitLevel.Written;
            CheckBatch(batch, isPromised: batch.Acknowledged >= level, powerLost ? " after a power loss" : " after the process was killed");
            if (!IsThereOrTaken(batch.Ids[^1]))
            {
                batch.Acknowledged = null; // Lost, as it may be: it is nobody's promise any more.
            }
        }

        if (!powerLost || DeliversSynced)
        {
            var unhappened = _delivered.Where(id => !IsThereOrTaken(id)).ToList();
            Require(unhappened.Count == 0, $"Delivered, and gone: {string.Join(' ', unhappened)}.");
        }

        _delivered.RemoveWhere(id => !IsThereOrTaken(id));
    }

    /// <summary>The process ends: what retention took until now is not missing.</summary>
    public void End() => _largestTail = Math.Max(_largestTail, History?.Tail ?? 0);

    /// <summary>What was acknowledged or delivered in this life can be read, faults or not.</summary>
    public void CheckLive()
    {
        Require(_fault is null, _fault?.Message);
        Present = ReadAll();
        foreach (var batch in Batches)
        {
            CheckBatch(batch, isPromised: batch.Acknowledged >= CommitLevel.Written && batch.Ids.All(_deliveredNow.Contains), "");
        }
    }

    /// <summary>A publisher was told that its batch is in.</summary>
    public void Acknowledge(PublishedBatch batch, CommitLevel level, PublishOutcome outcome)
    {
        Require(outcome.Accepted + outcome.Duplicates == batch.Ids.Count, $"{outcome.Accepted} + {outcome.Duplicates} instead of {batch.Ids.Count}.");
        for (var i = outcome.Accepted == 0 ? batch.Ids.Count - 1 : 0; i < batch.Ids.Count; i++)
        {
            See(batch.Ids[i], outcome.Last.Offset - batch.Ids.Count + 1 + i); // One behind the other; only the last one's place is told of a repeat.
        }

        Require(level < CommitLevel.Synced || outcome.Last.Offset <= History!.Synced, $"{batch.Ids[^1]} was acknowledged as synced; synced is {History!.Synced}.");
        Require(level < CommitLevel.Written || outcome.Last.Offset <= History!.Head, $"{batch.Ids[^1]} was acknowledged as written; the head is {History!.Head}.");
        batch.Acknowledged = outcome.Accepted == 0 && batch.Acknowledged is { } known && known > level ? known : level;
    }

    private void Take(ReadOnlySpan<byte> records)
    {
        for (; !records.IsEmpty; records = records[EventRecord.LengthAt(records)..])
        {
            var record = new EventRecord(records[..EventRecord.LengthAt(records)]);
            Require(record.Offset >= _lastDelivered, $"Offset {record.Offset} was delivered after {_lastDelivered}.");
            _lastDelivered = record.Offset;
            if (record.Flags.HasFlag(EventFlags.Ephemeral))
            {
                continue;
            }

            var id = Encoding.UTF8.GetString(record.Id);
            See(id, record.Offset);
            Require(_deliveredNow.Add(id), $"{id} was delivered twice.");
            _delivered.Add(id);
            Require(record.Offset <= History!.Head, $"{id} was delivered before it was written.");
            Require(!DeliversSynced || record.Offset <= History.Synced, $"{id} was delivered before it was synced.");
        }
    }

    private static void Require(bool condition, string? otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private Dictionary<string, long> ReadAll()
    {
        var history = History!;
        _largestTail = Math.Max(_largestTail, history.Tail);
        var found = new Dictionary<string, long>();
        for (var after = 0L; after < history.Head;)
        {
            var page = history.Read(Everything, after, history.Head, 5_000);
            Require(page.Missing is not { Corrupt: true } || !IsFaultless, $"Damage is told between {page.Missing?.From} and {page.Missing?.To}, and there was none.");
            for (var rest = page.Records.Span; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
            {
                var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
                var id = Encoding.UTF8.GetString(record.Id);
                Require(found.TryAdd(id, record.Offset), $"{id} is in history twice.");
                Require(Encoding.UTF8.GetString(record.Payload).StartsWith(id, StringComparison.Ordinal), $"{id} has another payload.");
                See(id, record.Offset);
            }

            after = page.To;
        }

        return found;
    }

    private void CheckBatch(PublishedBatch batch, bool isPromised, string when)
    {
        var present = batch.Ids.Count(Present.ContainsKey);
        var isTaken = IsTaken(batch.Ids[^1]);
        Require(isTaken || present == 0 || present == batch.Ids.Count, $"Of {string.Join(' ', batch.Ids)} a part is there{when}.");
        Require(!isPromised || isTaken || present == batch.Ids.Count, $"{string.Join(' ', batch.Ids)} was acknowledged as {batch.Acknowledged}, and is gone{when}.");
    }

    private bool IsThereOrTaken(string id) => Present.ContainsKey(id) || IsTaken(id);

    private bool IsTaken(string id) => _placeOf.TryGetValue(id, out var place) && place.Offset <= _largestTail;

    /// <summary>Somebody outside has seen an event at its place: nothing else may ever be there.</summary>
    private void See(string id, long offset)
    {
        var place = (History!.Epoch, offset);
        Require(_idAt.TryAdd(place, id) || _idAt[place] == id, $"Offset {offset} is of {id} and was of {_idAt[place]}.");
        if (IsTaken(id) && _placeOf[id] != place)
        {
            _delivered.Remove(id); // What was delivered, or promised, then went with retention; this is another event with its id.
            Batches.Find(batch => batch.Ids.Contains(id))!.Acknowledged = null;
        }

        _placeOf[id] = place; // Lost and published again, it comes at a new place.
    }
}
