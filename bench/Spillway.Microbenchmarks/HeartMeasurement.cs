using System.Diagnostics;
using System.Globalization;

namespace Spillway.Microbenchmarks;

/// <summary>Dispatch and visits by set count, strands a set and patterns; three repeats each, one line of Markdown a case.</summary>
internal static class HeartMeasurement
{
    private const int Repeats = 3;

    public static void Run()
    {
        Console.WriteLine("| case | min | median | max | unit |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var sets in (int[])[1, 1_000, 1_000_000])
        {
            SharedTopic(sets);
        }

        OwnTopics();
        foreach (var strands in (int[])[1, 3, 100])
        {
            Visits(strands);
        }

        Pending();
        Patterns();
    }

    private static void SharedTopic(int sets)
    {
        var before = Rss();
        using var rig = new HeartRig(sets, sets + 2);
        Fill(rig, sets, strands: 3);
        if (sets > 1_000)
        {
            Print($"memory a connection, {sets:N0} × {{own, a, b}}", [(Rss() - before) / sets], "B");
        }

        var batch = Batch(rig, "a", 64);
        Print($"dispatch an event to {sets:N0} distinct sets {{own, a, b}}, in batches of 64", Measure(() => Repeat(2_000, () => rig.Publish(batch, 64)), 2_000 * 64), "ns");
    }

    private static void OwnTopics()
    {
        const int Sets = 1_000_000;
        using var rig = new HeartRig(Sets, Sets + 2);
        Fill(rig, Sets, strands: 3);
        var random = new Random(1);
        var batches = Enumerable.Range(0, 500).Select(_ => Enumerable.Range(0, 64).SelectMany(_ => rig.Record($"users/{random.Next(Sets)}")).ToArray()).ToArray();
        Print("dispatch an event to one of 1,000,000 own topics", Measure(() => Array.ForEach(batches, batch => rig.Publish(batch, 64)), batches.Length * 64), "ns");
        rig.RunTurns();
        Print("own-topic event, publish to sent", Measure(() => Array.ForEach(batches, batch =>
        {
            rig.Publish(batch, 64);
            rig.RunTurns();
        }), batches.Length * 64), "ns");
    }

    private static void Visits(int strands)
    {
        var sets = strands == 100 ? 10_000 : 1_000_000;
        var before = Rss();
        using var rig = new HeartRig(sets, (sets * (strands == 1 ? 0 : strands == 3 ? 1 : 98)) + 2);
        Fill(rig, sets, strands);
        if (strands == 1)
        {
            Print($"memory a connection, {sets:N0} on one topic", [(Rss() - before) / sets], "B");
        }

        var record = rig.Record("a");
        Print($"a visit, {sets:N0} connections with {strands} strands each, one event pending", Measure(() =>
        {
            rig.Publish(record);
            rig.RunTurns();
        }, sets), "ns");
    }

    private static void Pending()
    {
        using var rig = new HeartRig(10_000, 10);
        Fill(rig, 10_000, strands: 1);
        foreach (var pending in (int[])[10, 100])
        {
            var batch = Batch(rig, "a", pending);
            Print($"a visit, 10,000 connections on one topic, {pending} events pending", Measure(() =>
            {
                rig.Publish(batch, pending);
                rig.RunTurns();
            }, 10_000), "ns");
        }
    }

    private static void Patterns()
    {
        using var rig = new HeartRig(1_000, 200_000);
        for (var i = 0; i < 1_000; i++)
        {
            rig.Connect([], [i < 5 ? $"shop/*/{string.Join('/', Enumerable.Repeat("*", i))}/**".Replace("//", "/", StringComparison.Ordinal) : $"site/{i}/*"]);
        }

        rig.RunTurns();
        var random = new Random(1);
        byte[][] Make(Func<int, string> topic) =>
            [.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 64).SelectMany(_ => rig.Record(topic(random.Next(100_000)))).ToArray())];
        var one = Make(static i => $"site/{5 + (i % 995)}/{i / 995}");
        Print("dispatch with 1,000 patterns, 1 matching", Measure(() => Array.ForEach(one, batch => rig.Publish(batch, 64)), one.Length * 64), "ns");
        var five = Make(static i => $"shop/{i}/a/b/c/d");
        Print("dispatch with 1,000 patterns, 5 matching", Measure(() => Array.ForEach(five, batch => rig.Publish(batch, 64)), five.Length * 64), "ns");
    }

    private static void Fill(HeartRig rig, int sets, int strands)
    {
        for (var i = 0; i < sets; i++)
        {
            rig.Connect(strands switch
            {
                1 => ["a"],
                3 => [$"users/{i}", "a", "b"],
                _ => Enumerable.Range(0, strands - 2).Select(k => $"users/{i}/{k}").Append("a").Append("b"),
            }, []);
            if ((i & 1023) == 0)
            {
                rig.RunTurns();
            }
        }

        rig.RunTurns();
    }

    private static byte[] Batch(HeartRig rig, string topic, int count) => [.. Enumerable.Range(0, count).SelectMany(_ => rig.Record(topic))];

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    private static double[] Measure(Action action, double operations)
    {
        action(); // Warm.
        action();
        return [.. Enumerable.Range(0, Repeats).Select(_ =>
        {
            var began = Stopwatch.GetTimestamp();
            action();
            return Stopwatch.GetElapsedTime(began).TotalNanoseconds / operations;
        }).Order()];
    }

    private static void Print(string name, double[] sorted, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {name} | {sorted[0]:0.#} | {sorted[sorted.Length / 2]:0.#} | {sorted[^1]:0.#} | {unit} |"));

    private static double Rss()
    {
        GC.Collect();
        var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024d * long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture);
    }
}
