using System.Globalization;
using System.Text;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>One step of a script: an act and four numbers, each of which means something whatever it is, so that a failing script can be made smaller blindly.</summary>
/// <param name="What">The subscriber of most acts, the topic of <see cref="Act.Publish"/>, the rules of <see cref="Act.Rules"/>.</param>
/// <param name="Size">Bytes, or milliseconds: of <see cref="Act.Subscribe"/> its batch interval.</param>
internal readonly record struct Step(Act Act, int What = 0, int Size = 0, int Count = 0, int Flags = 0)
{
    public static readonly string[] Topics = ["a/0", "a/1", "b/0", "b/1", "c/0", "d"];

    private static readonly string[] Selectors = [.. Topics, "a/*", "**", "*/0", "b/**"];
    private static readonly TimeSpan?[] Ttls = [null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), null];

    /// <summary>The set of <see cref="Act.Subscribe"/>.</summary>
    public SelectorSet Set
    {
        get
        {
            var bits = Flags >> 1;
            var chosen = Selectors.Where((_, i) => (bits >> i & 1) != 0).ToArray();
            return Spillway.TestKit.Selectors.Of(chosen.Length == 0 ? ["a/0"] : chosen);
        }
    }

    public bool Latest => (Flags & 1) != 0;

    /// <summary>The batch interval of <see cref="Act.Subscribe"/>.</summary>
    public TimeSpan? Batch => Size < 10 ? null : TimeSpan.FromMilliseconds(Math.Min(Size, 2_000));

    public bool Signals => (Flags & 1 << 11) == 0;

    public bool Snapshot => (Flags & 1 << 12) != 0;

    /// <summary>Whether its cursor is ahead of the head.</summary>
    public bool Ahead => (Flags & 1 << 13) != 0;

    public string Topic => Topics[What % Topics.Length];

    /// <summary>The events' payload: its number, and something that makes it as long as it is to be; or nothing at all.</summary>
    public byte[] Payload(int index, int most)
    {
        var filler = (Flags & 1 << 10) != 0 ? '\n' : 'x'; // Each line of a payload is a line of the stream: seven times as many bytes.
        return (Flags & 1 << 14) != 0 ? [] : Encoding.UTF8.GetBytes($"{index} {new string(filler, Math.Min(Size, most))}");
    }

    /// <summary>An event of <see cref="Act.Publish"/>.</summary>
    public PushEvent Event(int index, int most) => new()
    {
        Topic = Topic,
        Payload = Payload(index, most),
        Priority = (Flags & 3) switch { 0 => EventPriority.Normal, 1 => EventPriority.Low, 2 => EventPriority.Critical, _ => null },
        Key = (Flags & 1 << 11) != 0 ? $"u{index % 1_000}" : (Flags >> 2 & 3) == 0 ? null : $"k{Flags >> 2 & 3}",
        Private = (Flags & 16) != 0,
        Alternates = [.. Alternates.Distinct().Where(IsOther)],
        Ttl = Ttls[Flags >> 8 & 3],
    };

    /// <summary>Whether the last event of a step is its topic's last.</summary>
    public bool Final => (Flags & 1 << 12) != 0;

    /// <summary>The same step with one number smaller, smallest first.</summary>
    public IEnumerable<Step> Shrink()
    {
        foreach (var number in Smaller(What))
        {
            yield return this with { What = number };
        }

        foreach (var number in Smaller(Size))
        {
            yield return this with { Size = number };
        }

        foreach (var number in Smaller(Count))
        {
            yield return this with { Count = number };
        }

        for (var bits = Flags; bits != 0; bits &= bits - 1)
        {
            yield return this with { Flags = Flags & ~(bits & -bits) };
        }
    }

    public override string ToString()
    {
        var numbers = new[] { (nameof(What), What), (nameof(Size), Size), (nameof(Count), Count), (nameof(Flags), Flags) }.Where(static pair => pair.Item2 != 0);
        return string.Create(CultureInfo.InvariantCulture, $"new({string.Join(", ", numbers.Select(static pair => $"{pair.Item1}: {pair.Item2}").Prepend($"Act.{Act}"))}),");
    }

    private IEnumerable<string> Alternates => (Flags >> 5 & 7) is var other and > 0 && other <= Topics.Length
        ? (Flags & 1 << 13) != 0 ? [Topics[other - 1], Topics[other % Topics.Length]] : [Topics[other - 1]] : [];

    private bool IsOther(string topic) => topic != Topic;

    private IEnumerable<int> Smaller(int number)
    {
        if (number == 0)
        {
            return [];
        }

        return Act is Act.Rules or Act.RulesDuring
            ? [0, .. Enumerable.Range(0, 4).Select(i => number & ~(7 << (3 * i))).Append(number % 4_096).Append(number % ScriptRules.Plain).Where(other => other != number)] : [0, number / 2, number - 1];
    }
}
