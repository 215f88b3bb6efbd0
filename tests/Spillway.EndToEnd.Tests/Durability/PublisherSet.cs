using System.Globalization;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>Publishers that go on for as long as they are let: one per commit level, each batch tried with the same ids until it is acknowledged.</summary>
internal sealed class PublisherSet : IAsyncDisposable
{
    /// <summary>Events of every batch.</summary>
    public const int BatchEvents = 5;

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _advanced = new(0);
    private readonly List<(Client.CommitLevel Level, List<string> Acknowledged, Task Running)> _publishers = [];
    private readonly List<SpillwayClient> _clients = [];

    public PublisherSet(string url, params Client.CommitLevel[] levels)
    {
        foreach (var level in levels)
        {
            var client = new SpillwayClient(new SpillwayClientOptions
            {
                BaseAddress = new Uri(url),
                Commit = level,
                PublishAttempts = 10_000,
                RetryDelay = TimeSpan.FromMilliseconds(20),
                MaxRetryDelay = TimeSpan.FromMilliseconds(20),
                MaxServerDelay = TimeSpan.FromMilliseconds(20),
            });
            _clients.Add(client);
            var acknowledged = new List<string>();
            _publishers.Add((level, acknowledged, Task.Run(() => RunAsync(client, level, acknowledged))));
        }
    }

    /// <summary>Returns when every publisher has had so many more batches acknowledged.</summary>
    public async Task AdvanceAsync(int batches)
    {
        foreach (var (_, acknowledged, running) in _publishers)
        {
            var target = Count(acknowledged) + (batches * BatchEvents);
            while (Count(acknowledged) < target)
            {
                await _advanced.WaitAsync();
                if (running.IsFaulted)
                {
                    await running;
                }
            }
        }
    }

    /// <summary>All that was acknowledged so far.</summary>
    public IReadOnlyList<string> Acknowledged
    {
        get
        {
            var all = new List<string>();
            foreach (var (_, acknowledged, _) in _publishers)
            {
                lock (acknowledged)
                {
                    all.AddRange(acknowledged);
                }
            }

            return all;
        }
    }

    /// <summary>Lets every publisher finish its batch.</summary>
    public async Task<Published> StopAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_publishers.Select(static publisher => publisher.Running));
        return new Published([.. _publishers.Where(static publisher => publisher.Level != Client.CommitLevel.Memory).SelectMany(static publisher => publisher.Acknowledged)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _clients.ForEach(static client => client.Dispose()); // Ends what a failed test left trying.
        await Task.WhenAll(_publishers.Select(static publisher => publisher.Running)).ContinueWith(static _ => { }, TaskScheduler.Default);
        _end.Dispose();
        _advanced.Dispose();
    }

    private static int Count(List<string> acknowledged)
    {
        lock (acknowledged)
        {
            return acknowledged.Count;
        }
    }

    private async Task RunAsync(SpillwayClient client, Client.CommitLevel level, List<string> acknowledged)
    {
        for (var number = 0; !_end.IsCancellationRequested; number += BatchEvents)
        {
            var ids = Enumerable.Range(number, BatchEvents).Select(one => string.Create(CultureInfo.InvariantCulture, $"{level}-{one}")).ToList();
            await client.PublishAsync([.. ids.Select(static id => new OutgoingEvent { Topic = $"kill/{id.Split('-')[0]}", Id = id, Text = id })]);
            lock (acknowledged)
            {
                acknowledged.AddRange(ids);
            }

            _advanced.Release();
        }
    }
}
