using Spillway.Delivery;

namespace Spillway.Tests.Delivery;

/// <summary>The wheel and the marks behind batch intervals, against models of them.</summary>
public sealed class BatchWheelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BatchWheel_AnyUse_GivesEveryConnectionWhenItIsDueAndNotBefore(int seed)
    {
        const int Connections = 100;
        var random = new Random(seed);
        using var wheel = new BatchWheel(Connections);
        var model = new Dictionary<int, (long Due, long Since)>();
        for (var (now, step) = (0L, 0); step < 20_000; step++)
        {
            now += random.Next(10) == 0 ? random.Next(1_000) : random.Next(3); // Round and round: it has 8,192 slots.
            while (wheel.TryTake(now, out var taken))
            {
                Assert.True(model.Remove(taken, out var known) && known.Due <= now);
            }

            Assert.DoesNotContain(model.Values, entry => entry.Due <= now);
            var connection = random.Next(Connections);
            var due = now + random.Next(6_800);
            wheel.Ensure(connection);
            if (!model.TryGetValue(connection, out var waiting))
            {
                wheel.Put(connection, due, step, now);
                model[connection] = (Math.Max(due, now), step);
            }
            else if (random.Next(3) == 0)
            {
                wheel.Remove(connection);
                model.Remove(connection);
            }
            else if (random.Next(50) == 0)
            {
                var upTo = step - random.Next(100);
                Assert.Equal(model.Values.Count(entry => entry.Since <= upTo), wheel.HastenOldest(upTo));
                foreach (var (late, entry) in model.Where(pair => pair.Value.Since <= upTo).ToList())
                {
                    model[late] = (now, entry.Since);
                }

                Assert.True(model.Values.Where(entry => entry.Since > upTo).All(entry => entry.Since >= wheel.Oldest));
            }
            else
            {
                Assert.Equal(due < waiting.Due, wheel.Hasten(connection, due));
                model[connection] = (Math.Min(due, waiting.Due), waiting.Since);
            }

            Assert.Equal(model.Count, wheel.Count);
            Assert.Equal(model.Count == 0 ? long.MaxValue : model.Values.Min(static entry => entry.Due), wheel.NextDue);
        }
    }

    [Fact]
    public void BatchMarks_SeveralEvents_AreOneMarkWithTheShortestIntervalAndTheSum()
    {
        using var marks = new BatchMarks(100_000, 2);

        Assert.True(marks.Add(1, 50_000, new BatchedNews(1_000, 10)));
        Assert.False(marks.Add(1, 50_000, new BatchedNews(60_000, 5)));
        Assert.False(marks.Add(1, 50_000, new BatchedNews(200, 65_530)));

        Assert.Equal((default, default), (marks.Take(0, 50_000), marks.Take(1, 50_001)));
        Assert.Equal(new BatchedNews(200, BatchedNews.WholeWindow), marks.Take(1, 50_000));
        Assert.Equal(default, marks.Take(1, 50_000));
        Assert.True(marks.Add(1, 50_000, new BatchedNews(1_000, 10)));
    }

    [Fact]
    public void BatchMarks_TakenWhileAdded_LosesNothing()
    {
        using var marks = new BatchMarks(10, 1);
        const int Events = 200_000;
        var (fresh, sum, taken) = (0, 0L, 0);
        var adding = new Thread(() =>
        {
            for (var i = 0; i < Events; i++)
            {
                fresh += marks.Add(0, 3, new BatchedNews(100, 1)) ? 1 : 0;
                while (i - Volatile.Read(ref sum) > BatchedNews.WholeWindow / 2)
                {
                    Thread.Yield(); // More than a whole window is not told apart.
                }
            }
        });

        adding.Start();
        for (var isLast = false; !isLast;)
        {
            isLast = !adding.IsAlive;
            var news = marks.Take(0, 3);
            taken += news == default ? 0 : 1;
            Volatile.Write(ref sum, sum + news.Fill);
        }

        adding.Join();
        Assert.Equal((fresh, Events), (taken, sum));
    }
}
