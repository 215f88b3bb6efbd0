using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>Reads pages of history for connections behind the window, on threads of its own: a loop never touches history.</summary>
internal sealed partial class Replayer : IDisposable
{
    /// <summary>A page takes no further record from here on.</summary>
    public const int PageBytes = 64 * 1024;

    private readonly ConcurrentQueue<ReplayRequest> _requests = new(); // At most one a connection.
    private readonly ConcurrentQueue<ReplayPage> _pool = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _pages;
    private readonly CancellationTokenSource _stop = new();
    private readonly IHistory _history;
    private readonly Window _window;
    private readonly IWireEncoder[] _encoders;
    private readonly TopicRules _rules;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly int _snapshotKeys;
    private readonly Thread[] _threads;
    private long _read;

    public Replayer(
        IHistory history, Window window, TopicRules rules, IWireEncoder[] encoders, DeliveryOptions options, int snapshotKeys, TimeProvider clock, ILogger logger)
    {
        (_history, _window, _rules, _encoders, _snapshotKeys, _clock, _logger) = (history, window, rules, encoders, snapshotKeys, clock, logger);
        PageLimit = options.ReplayPages;
        _pages = new SemaphoreSlim(PageLimit, PageLimit);
        _threads = new Thread[options.ReplayReaders];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"spillway-replay-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Pages read.</summary>
    public long PagesRead => Volatile.Read(ref _read);

    /// <summary>Connections that wait for a page.</summary>
    public int Waiting => _requests.Count;

    /// <summary>Pages made and not yet given back.</summary>
    public int PagesInFlight => PageLimit - _pages.CurrentCount;

    public int PageLimit { get; }

    public void Ask(ReplayRequest request)
    {
        _requests.Enqueue(request);
        _wanted.Release();
    }

    public void TakeBack(ReplayPage page)
    {
        _pool.Enqueue(page);
        _pages.Release();
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _stop.Dispose();
        _wanted.Dispose();
        _pages.Dispose();
    }

    private void Run()
    {
        var snapshots = new SnapshotCache();
        try
        {
            while (true)
            {
                _wanted.Wait(_stop.Token);
                _pages.Wait(_stop.Token);
                if (!_requests.TryDequeue(out var request))
                {
                    _pages.Release();
                    continue;
                }

                var page = _pool.TryDequeue(out var pooled) ? pooled : new ReplayPage(this);
                page.Request = request;
                Fill(page, snapshots);
                request.Loop.Post(LoopCommand.Page(page));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private void Fill(ReplayPage page, SnapshotCache snapshots)
    {
        var request = page.Request;
        try
        {
            // Not past the window's head: what history has and the hub has not dispatched yet comes live.
            var upTo = _window.PublishedOffset;
            var read = request.SnapshotUpTo > 0
                ? snapshots.Next(request, _history, _snapshotKeys, request.OnlyCut ? 1 : PageBytes)
                : _history.Read(request.Selectors, request.From, Math.Max(upTo, request.From), request.OnlyCut ? 1 : PageBytes);
            page.To = read.To;
            page.Missing = read.Missing;
            Encode(page, read.Records.Span);
        }
#pragma warning disable CA1031 // A reader that breaks must cost one connection, not the thread that serves all.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            page.Failed = true;
            ReadFailed(_logger, request.From, exception);
        }

        Interlocked.Increment(ref _read);
    }

    private void Encode(ReplayPage page, ReadOnlySpan<byte> records)
    {
        var encoder = _encoders[(int)page.Request.Format];
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        while (!records.IsEmpty)
        {
            var length = EventRecord.LengthAt(records);
            var record = new EventRecord(records[..length]);
            records = records[length..];
            page.Final |= (record.Flags & EventFlags.Final) != 0;
            if (record.TtlMilliseconds > 0 && record.Time + record.TtlMilliseconds < now && !page.Request.OnlyCut)
            {
                page.Expired += record.Offset > page.Request.ToldUpTo ? 1 : 0;
                page.LastExpired = record.Offset;
                continue;
            }

            if (page.Request.Drops is { } drops && drops.DropsOffset(record.Offset, _rules.IndexFor(record.Topic)) && !SlotHeader.MustKeep(record.Flags)
                && !page.Request.OnlyCut)
            {
                continue;
            }

            encoder.WriteEvent(record, _history.Epoch, page.Output);
            page.Events.Add((record.Offset, page.Output.WrittenCount));
        }
    }
}
