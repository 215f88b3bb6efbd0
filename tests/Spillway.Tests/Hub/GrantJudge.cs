using System.Text;
using System.Text.Json;
using Spillway.Access;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>What a connection had to get, by the grants that it had where each event lies, against what it got.</summary>
internal sealed class GrantJudge(int seed, SelectorSet asked, long after, GrantSet grants, GrantTally tally, bool isLossy, CursorCodec cursors)
{
    private readonly List<(long Behind, GrantSet Grants)> _phases = [(after, grants)];
    private readonly List<(long From, long To, long? Count)> _gaps = [];

    /// <summary>From a position on other grants count.</summary>
    public void Change(long behind, GrantSet later) => _phases.Add((behind, later));

    /// <summary>Every event behind the start: delivered in its place, or within a gap that counts it, or not for this subscriber. Without an end it was cut off: what did not come is not looked for.</summary>
    public void Check(List<(long Offset, string[] Topics)> published, TestConnection connection, long? end)
    {
        var due = new Queue<long>(published.Where(one => one.Offset > after && one.Offset <= (end ?? long.MaxValue) && IsFor(one)).Select(static one => one.Offset));
        var skipped = new List<long>();
        foreach (var block in SseReader.Parse(connection.Bytes))
        {
            if (block.Type == "spillway-gap")
            {
                Note(block);
            }
            else if (!block.Type.StartsWith("spillway-", StringComparison.Ordinal))
            {
                Take(long.Parse(block.Data[..block.Data.IndexOf(' ', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture), due, skipped);
            }
        }

        if (end is null)
        {
            return;
        }

        Assert.True(due.Count == 0, $"Seed {seed}: {due.Count} events did not come, the first is {due.FirstOrDefault()}.");
        CheckGaps(published, skipped);
        Count(published, end.Value);
    }

    // The sentence that all of this is about.
    private static bool IsFor(string[] topics, SelectorSet asked, GrantSet grants) =>
        topics.Select(Encoding.UTF8.GetBytes).Any(topic => asked.MayMatch(topic) && grants.Allows(topic));

    private bool IsFor((long Offset, string[] Topics) one) => IsFor(one.Topics, asked, GrantsAt(one.Offset));

    private GrantSet GrantsAt(long offset) => _phases.FindLast(phase => phase.Behind < offset).Grants;

    private void Take(long offset, Queue<long> due, List<long> skipped)
    {
        while (due.TryPeek(out var next) && next < offset)
        {
            skipped.Add(due.Dequeue());
        }

        Assert.True(due.TryDequeue(out var same) && same == offset, $"Seed {seed}: {offset} came, {same} was due.");
        tally.Delivered++;
    }

    private void Note(SseEvent block)
    {
        var gap = JsonElement.Parse(block.Data);
        var reason = gap.GetProperty("reason").GetString();
        Assert.True(reason == "retention" || (isLossy && reason == "overflow"), $"Seed {seed}: {block.Data}");
        var (from, to) = (cursors.Read(gap.GetProperty("from").GetString()), cursors.Read(gap.GetProperty("to").GetString()));
        Assert.True(from.Epoch != 0 && from.Epoch == to.Epoch, $"Seed {seed}: {block.Data}");
        _gaps.Add((from.Offset, to.Offset, gap.TryGetProperty("count", out var count) ? count.GetInt64() : null));
    }

    /// <summary>What did not come lies in gaps; where each says how many it is of, these are all, and those that were given up ahead of a renewal by what was granted then.</summary>
    private void CheckGaps(List<(long Offset, string[] Topics)> published, List<long> skipped)
    {
        var untold = skipped.Where(offset => !_gaps.Exists(gap => gap.From < offset && offset <= gap.To)).ToList();
        Assert.True(untold.Count == 0, $"Seed {seed}: {untold.Count} events did not come and are in no gap, the first is {untold.FirstOrDefault()}.");
        if (_gaps.TrueForAll(static gap => gap.Count is not null))
        {
            var (told, earlier) = (_gaps.Sum(static gap => gap.Count!.Value), isLossy ? _gaps.Sum(gap => CountEarlier(published, gap.From, gap.To)) : 0);
            Assert.True(
                told >= skipped.Count && told <= skipped.Count + earlier,
                $"Seed {seed}: {skipped.Count} events did not come, {told} are told of: {string.Join(", ", _gaps)}, and {earlier} were for other grants, behind {string.Join(", ", _phases.Select(static phase => phase.Behind))}.");
            tally.InGaps += told;
        }
    }

    /// <summary>Events of a gap that were for what was granted where it begins, and are not for what is granted where they lie. A slow connection gives up what is ahead of it, too.</summary>
    private int CountEarlier(List<(long Offset, string[] Topics)> published, long from, long to)
    {
        var then = _phases.Where((phase, i) => phase.Behind <= from && (i == _phases.Count - 1 || _phases[i + 1].Behind >= from)).ToList(); // A renewal right there came before it, or behind.
        return published.Count(one => one.Offset > from && one.Offset <= to && !IsFor(one) && then.Exists(phase => IsFor(one.Topics, asked, phase.Grants)));
    }

    private void Count(List<(long Offset, string[] Topics)> published, long end)
    {
        foreach (var (offset, topics) in published.Where(one => one.Offset > after && one.Offset <= end))
        {
            var isFor = IsFor(topics, asked, GrantsAt(offset));
            tally.Cases++;
            tally.Withheld += !isFor && topics.Any(topic => asked.MayMatch(Encoding.UTF8.GetBytes(topic))) ? 1 : 0;
            tally.ByAlternate += isFor && !IsFor(topics[..1], asked, GrantsAt(offset)) ? 1 : 0;
        }
    }
}
