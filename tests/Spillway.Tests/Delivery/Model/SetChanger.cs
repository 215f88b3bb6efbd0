using System.Globalization;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>A connection that changes its set, and what must have come over it.</summary>
/// <param name="first">Its first set.</param>
/// <param name="after">The offset behind which it began.</param>
/// <param name="join">How many events had been published by then.</param>
internal sealed class SetChanger(LoopRig rig, TestConnection connection, string[] first, long after, int join)
{
    private Task<AskOutcome> _asked = Task.FromResult(AskOutcome.Done);
    private int _said;

    public TestConnection Connection => connection;

    public List<string[]> Sets { get; } = [first];

    /// <summary>Asks for another set, unless something was asked that is not done.</summary>
    public void TryChange(string[] set)
    {
        if (_asked.IsCompleted)
        {
            _asked = rig.ChangeAsync(connection, Selectors.Of(set), string.Create(CultureInfo.InvariantCulture, $"{Sets.Count}"));
            Sets.Add(set);
        }
    }

    public void TrySay()
    {
        if (_asked.IsCompleted)
        {
            _asked = connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner) { Bytes = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: said\ndata: {_said++}\n\n")) });
        }
    }

    public void End() => _asked = connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner) { Bytes = "event: bye\ndata: \n\n"u8.ToArray(), End = CloseReason.ClientClosed });

    public async Task JudgeAsync(List<(long Offset, string Topic)> published)
    {
        Assert.True(_asked.IsCompleted && await _asked == AskOutcome.Done);
        Assert.Equal(CloseReason.ClientClosed, connection.Reason);
        var (found, said, gaps) = (new List<int>(), 0, new List<ToldGap>());
        var starts = new List<(long After, int Found)> { (after, 0) };
        var items = SseReader.Parse(connection.Bytes).ToList();
        Assert.Equal("bye", items[^1].Type);
        foreach (var item in items[..^1])
        {
            switch (item.Type)
            {
                case "changed":
                    var parts = item.Data.Split(' ');
                    Assert.Equal(starts.Count, int.Parse(parts[0], CultureInfo.InvariantCulture));
                    Assert.True(Position.TryParse(parts[1], out var position));
                    Assert.True(position.Offset >= starts[^1].After, "A set begins before the one that it takes the place of.");
                    starts.Add((position.Offset, found.Count));
                    break;
                case "said":
                    Assert.Equal(said++, int.Parse(item.Data, CultureInfo.InvariantCulture));
                    break;
                case "spillway-gap":
                    gaps.Add(ToldGap.Read(item.Data));
                    break;
                case var type when type.StartsWith("spillway-", StringComparison.Ordinal):
                    break;
                default:
                    found.Add(int.Parse(item.Data.AsSpan(0, item.Data.IndexOf(' ')), CultureInfo.InvariantCulture));
                    break;
            }
        }

        Assert.Equal((Sets.Count, _said), (starts.Count, said));
        Assert.True(found.Zip(found.Skip(1)).All(static pair => pair.First < pair.Second), $"Out of order, or twice: {string.Join(' ', found)}");
        for (var i = 0; i < Sets.Count; i++)
        {
            var end = i + 1 < starts.Count ? starts[i + 1] : (After: long.MaxValue, Found: found.Count);
            var came = found[starts[i].Found..end.Found];
            Assert.True(came.TrueForAll(number => SetChangeRun.Has(Sets[i], published[number].Topic)), $"Set {i} ({string.Join(' ', Sets[i])}) got another's: {string.Join(' ', came)}");
            var owed = Enumerable.Range(0, published.Count).Where(number => IsRecorded(published[number]) && published[number].Offset > starts[i].After && published[number].Offset <= end.After && SetChangeRun.Has(Sets[i], published[number].Topic));
            Assert.Equal(owed, came.Where(number => IsRecorded(published[number])));
        }

        JudgeEphemeral(published, found, starts, gaps);
    }

    /// <summary>What history does not have came, or was told to be missed; nothing was told that was not for the set.</summary>
    private void JudgeEphemeral(List<(long Offset, string Topic)> published, List<int> found, List<(long After, int Found)> starts, List<ToldGap> gaps)
    {
        var missing = 0;
        foreach (var number in Enumerable.Range(0, published.Count).Except(found).Where(number => !IsRecorded(published[number])))
        {
            var (offset, topic) = published[number];
            bool IsIn(int i) => SetChangeRun.Has(Sets[i], topic) && offset >= starts[i].After && (i + 1 == starts.Count || offset <= starts[i + 1].After);
            bool IsSurelyIn(int i) => IsIn(i) && offset > starts[i].After && (i + 1 == starts.Count || offset < starts[i + 1].After); // Else it lies at the place of the change, before or behind it.
            missing += Enumerable.Range(0, starts.Count).Any(IsIn) ? 1 : 0;
            Assert.True(
                number < join || !Enumerable.Range(0, starts.Count).Any(IsSurelyIn) || gaps.Exists(gap => gap.From <= offset && gap.To >= offset),
                $"Event {number} at {offset} is missing, and no gap of [{string.Join(", ", gaps)}] covers it; {Describe(starts)}.");
        }

        Assert.True(gaps.Sum(static gap => gap.Count ?? 0) <= missing, $"Of {missing} that are missing were told: {string.Join(", ", gaps)}");
    }

    private string Describe(List<(long After, int Found)> starts) => $"joined behind {join}; sets: {string.Join(", ", Sets.Zip(starts, static (set, start) => $"{string.Join(' ', set)} behind {start.After}"))}";

    private static bool IsRecorded((long Offset, string Topic) source) => source.Topic != "e";
}
