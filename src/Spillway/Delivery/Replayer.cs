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
    private readonly ConcurrentQueue<EncodedPage> _encodedPool = new(); // At most as many as were in use at once.
    private readonly PageCache _cache;
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _pages;
    private readonly CancellationTokenSource _stop = new();
    private readonly IHistory _history;
    private readonly Window _window;
    private readonly IWireEncoder[] _encoders;
    private readonly RuleBook _rules;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LimitOptions _limits;
    private readonly Thread[] _threads;
    private Reader? _own;
    private long _asked;
    private long _read;
    private long _shared;
    private long _snapshotsCut;

    public Replayer(
        IHistory history, Window window, RuleBook rules, IWireEncoder[] encoders, DeliveryOptions options, LimitOptions limits, TimeProvider clock, ILogger logger)
    {
        (_history, _window, _rules, _encoders, _limits, _clock, _logger) = (history, window, rules, encoders, limits, clock, logger);
        PageLimit = options.ReplayPages;
        _cache = new PageCache(options.ReplayCacheBytes);
        _pages = new SemaphoreSlim(PageLimit, PageLimit);
        _threads = new Thread[options.ReplayReaders];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"spillway-replay-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Pages asked for.</summary>
    public long PagesAsked => Volatile.Read(ref _asked);

    /// <summary>Pages made for connections, and handed to their loops.</summary>
    public long PagesRead => Volatile.Read(ref _read);

    /// <summary>Those of them that were there already, for another connection.</summary>
    public long PagesShared => Volatile.Read(ref _shared);

    /// <summary>Snapshots of which a limit left out the oldest values.</summary>
    public long SnapshotsCut => Volatile.Read(ref _snapshotsCut);

    /// <summary>Memory of the pages kept for others.</summary>
    public long CacheBytes => _cache.Bytes;

    /// <summary>Connections that wait for a page.</summary>
    public int Waiting => _requests.Count;

    /// <summary>Pages made and not yet given back.</summary>
    public int PagesInFlight => PageLimit - _pages.CurrentCount;

    public int PageLimit { get; }

    public void Ask(ReplayRequest request)
    {
        Interlocked.Increment(ref _asked);
        _requests.Enqueue(request);
        _wanted.Release();
    }

    public void TakeBack(ReplayPage page, EncodedPage encoded)
    {
        Release(encoded);
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

    /// <summary>Makes one page on the caller's thread, if one is asked for and one may be made; for whoever must do the same each time.</summary>
    public bool TryServe()
    {
        _own ??= new Reader(this);
        return _wanted.Wait(0) && Serve(_own, wait: false);
    }

    private void Run()
    {
        var reader = new Reader(this);
        try
        {
            while (true)
            {
                _wanted.Wait(_stop.Token);
                Serve(reader, wait: true);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private bool Serve(Reader reader, bool wait)
    {
        if (!_pages.Wait(wait ? Timeout.Infinite : 0, _stop.Token))
        {
            _wanted.Release();
            return false;
        }

        if (!_requests.TryDequeue(out var request))
        {
            _pages.Release();
            return true;
        }

        var page = _pool.TryDequeue(out var pooled) ? pooled : new ReplayPage(this);
        page.Set(request, Find(request, reader));
        request.Loop.Post(LoopCommand.Page(page));
        Interlocked.Increment(ref _read);
        return true;
    }

    private EncodedPage Find(ReplayRequest request, Reader reader)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (_cache.Find(request, now) is { } known)
        {
            Interlocked.Increment(ref _shared);
            return known;
        }

        var page = _encodedPool.TryDequeue(out var pooled) ? pooled : new EncodedPage();
        page.Begin(request);
        Fill(page, request, reader, now);
        _cache.Add(request, page, reader.Released);
        reader.Released.ForEach(Release);
        reader.Released.Clear();
        return page;
    }

    private void Release(EncodedPage page)
    {
        if (page.Release())
        {
            _encodedPool.Enqueue(page);
        }
    }

    private void Fill(EncodedPage page, ReplayRequest request, Reader reader, long now)
    {
        try
        {
            // Not past the window's head: what history has and the hub has not dispatched yet comes live.
            var upTo = _window.PublishedOffset;
            var read = request.SnapshotUpTo > 0
                ? reader.Snapshots.Next(request, request.OnlyCut ? 1 : PageBytes)
                : _history.Read(request.Selectors, request.From, Math.Max(upTo, request.From), request.OnlyCut ? 1 : PageBytes);
            page.To = read.To;
            page.Missing = read.Missing;
            if (read.Missing is { Corrupt: false } && request.SnapshotUpTo > 0)
            {
                Interlocked.Increment(ref _snapshotsCut);
            }

            reader.Encoder.Encode(page, request, read.Records.Span, now);
        }
#pragma warning disable CA1031 // A reader that breaks must cost one connection, not the thread that serves all.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            page.Failed = true;
            ReadFailed(_logger, request.From, exception);
        }
    }

    /// <summary>What one thread that makes pages has to itself.</summary>
    private sealed class Reader(Replayer replayer)
    {
        public SnapshotCache Snapshots { get; } = new(replayer._history, replayer._limits);

        public PageEncoder Encoder { get; } = new(replayer._encoders, replayer._rules, replayer._history.Epoch);

        /// <summary>What the cache lets go; empty between two pages.</summary>
        public List<EncodedPage> Released { get; } = [];
    }
}
