using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>
/// One request that publishes an event a line, for as long as it sends. The lines that have arrived together are committed together; nobody waits for more to come.
/// </summary>
internal sealed partial class NdjsonRequest : IAsyncDisposable
{
    private const int MaxErrors = 100;

    private static readonly TimeSpan HangUpAfter = TimeSpan.FromSeconds(1); // Time to take the answer, over any network.

    private readonly HttpContext _context;
    private readonly EventBatchWriter _batch;
    private readonly BatchCommitter _committer;
    private readonly PublishResponder _responder;
    private readonly LimitOptions _limits;
    private readonly ILogger _logger;
    private readonly PipeReader _reader;
    private readonly LineSplitter _lines;
    private readonly TimeProvider _clock;
    private readonly ITimer _idle;
    private readonly List<long> _lineOfEvent = []; // Of the events in the batch.
    private readonly List<(long Line, Problem Problem)> _errors = [];
    private long _line;
    private long _timedLine = -1;
    private long _timedSince;
    private long _index;
    private long _accepted;
    private long _duplicates;
    private long _errorsOmitted;
    private Position _last;
    private Problem? _fault;

    public NdjsonRequest(
        HttpContext context,
        EventBatchWriter batch,
        BatchCommitter committer,
        PublishResponder responder,
        LimitOptions limits,
        TimeProvider clock,
        ILogger<NdjsonRequest> logger)
    {
        (_context, _batch, _committer, _responder, _limits, _clock, _logger) = (context, batch, committer, responder, limits, clock, logger);
        _reader = context.Request.BodyReader;
        _lines = new LineSplitter(limits.EventBytes);
        _idle = clock.CreateTimer(Interrupt, _reader, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stands for <c>key/0</c>, <c>key/1</c>, …: the lines counted without the empty ones.</summary>
    public string? IdempotencyKey { get; init; }

    public string? TraceParent { get; init; }

    public required CommitLevel Commit { get; init; }

    /// <summary>What allows it; a stream may outlive it.</summary>
    public required AccessTicket Ticket { get; init; }

    /// <summary>Raised when the hub begins to stop: it does not wait for lines that may never come.</summary>
    public required CancellationToken Stopping { get; init; }

    public async Task RunAsync()
    {
        LiftServerLimits();
        using var stop = Stopping.UnsafeRegister(Interrupt, _reader);
        var completed = false;
        do
        {
            ReadResult read;
            try
            {
                read = await ReadAsync();
            }
            catch (Exception fault) when (RequestBody.IsFault(fault))
            {
                Stop(_line + 1, RequestBody.Refuse(_context, fault), events: 1);
                completed = true; // Nothing more can be read.
                break;
            }

            if (read.IsCanceled)
            {
                Stop(_line + 1, Stopping.IsCancellationRequested ? Problem.ShuttingDown() : Problem.StreamIdle(_limits.PublishIdle), events: 1);
            }

            if (_fault is null && AccessProblems.FindEnd(Ticket, _clock.GetUtcNow()) is { } end)
            {
                Stop(_line + 1, end, events: 1);
            }

            completed = read.IsCompleted;
            var rest = read.Buffer;
            while (_fault is null && Fill(ref rest, completed))
            {
                await CommitAsync();
                _batch.Clear();
                _lineOfEvent.Clear();
            }

            _reader.AdvanceTo(rest.Start, read.Buffer.End);
        }
        while (!completed && _fault is null);

        Log.StreamEnded(_logger, _line, _accepted, _duplicates, _errors.Count + _errorsOmitted);
        await AnswerAsync();
        if (Stopping.IsCancellationRequested && !completed)
        {
            await HangUpAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return _idle.DisposeAsync();
    }

    /// <summary>Ends a read that waits. A reader whose connection was aborted throws here, too, and what a timer's callback throws ends the process.</summary>
    private static void Interrupt(object? reader)
    {
        try
        {
            ((PipeReader)reader!).CancelPendingRead();
        }
        catch (Exception fault) when (RequestBody.IsFault(fault))
        {
            // The read has ended, or is about to, by what aborted it.
        }
    }

    /// <summary>A stream may be long, and slow: its lines and its silence have limits of their own.</summary>
    private void LiftServerLimits()
    {
        RequestBody.Limit(_context, null);
        if (_context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } feature)
        {
            feature.MinDataRate = null;
        }
    }

    private async ValueTask<ReadResult> ReadAsync()
    {
        if (_reader.TryRead(out var read))
        {
            return read;
        }

        if (_timedLine != _line) // The time is a line's: one that comes a byte at a time is no livelier than silence.
        {
            (_timedLine, _timedSince) = (_line, _clock.GetTimestamp());
        }

        var left = _limits.PublishIdle - _clock.GetElapsedTime(_timedSince);
        _idle.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        read = await _reader.ReadAsync(_context.RequestAborted);
        _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return read;
    }

    /// <summary>Moves whole lines into the batch until it is full or no line is left. False: there is nothing to commit.</summary>
    private bool Fill(ref ReadOnlySequence<byte> rest, bool completed)
    {
        _lines.MaxLineBytes = _limits.EventBytes; // A request may outlive a limit.
        while (!(_batch.Count > 0 && _batch.IsFull) && _lines.TryTake(ref rest, completed, out var line))
        {
            _line++;
            if (line is null)
            {
                Report(_line, Problem.EventTooLarge(_lines.LineBytes, _limits.EventBytes));
                _index++;
            }
            else if (line.Value.Span.ContainsAnyExcept(" \t\r"u8) && AddEvent(line.Value) is { } problem)
            {
                Report(_line, problem);
            }
        }

        return _batch.Count > 0;
    }

    private Problem? AddEvent(ReadOnlyMemory<byte> line)
    {
        var id = Ingress.IdempotencyKey.At(IdempotencyKey, _index++);
        if (!Utf8.IsValid(line.Span))
        {
            return Problem.InvalidJson("The line is not valid UTF-8, which JSON has to be (RFC 8259, section 8.1).");
        }

        try
        {
            var reader = new EventJsonReader(line);
            reader.Read();
            if (!reader.TryReadEvent(id, TraceParent, out var source, out var problem))
            {
                return problem;
            }

            reader.Read(); // It throws where something follows.
            if (_batch.TryAdd(source, out problem))
            {
                _lineOfEvent.Add(_line);
            }

            return problem;
        }
        catch (JsonException fault)
        {
            return EventWords.BadJson(fault, isLine: true);
        }
    }

    /// <summary>Commits the batch, but for events that are refused: the lines before and after those stay.</summary>
    private async ValueTask CommitAsync()
    {
        var whole = _batch.ToBatch(Commit);
        var (from, to) = (0, whole.Count);
        while (from < whole.Count)
        {
            var part = whole.Slice(from, to);
            var (outcome, problem) = await _committer.CommitAsync(part, CancellationToken.None);
            if (problem is null)
            {
                _accepted += outcome.Accepted;
                _duplicates += outcome.Duplicates;
                _last = outcome.Last;
                (from, to) = (to, whole.Count);
            }
            else if (!BatchCommitter.IsFaultOfEvent(outcome.Status))
            {
                Stop(_lineOfEvent[from], problem, whole.Count - from);
                return;
            }
            else if (outcome.Index > 0)
            {
                to = from + outcome.Index; // First what stands before the refused one; then it will be first itself.
            }
            else
            {
                Report(_lineOfEvent[from], problem);
                (from, to) = (from + 1, whole.Count);
            }
        }
    }

    private void Report(long line, Problem problem)
    {
        _responder.Count(problem);
        Keep(line, problem);
    }

    /// <summary>Ends the request at a line. What came before it stays.</summary>
    private void Stop(long line, Problem problem, int events)
    {
        _responder.Count(problem, events);
        _fault = problem;
        RequestBody.CloseConnection(_context);
        if (_errors.Count == MaxErrors)
        {
            _errors.RemoveAt(MaxErrors - 1); // This one must be told: it says where to go on.
            _errorsOmitted++;
        }

        Keep(line, problem);
    }

    private void Keep(long line, Problem problem)
    {
        if (_errors.Count < MaxErrors)
        {
            _errors.Add((line, problem));
        }
        else
        {
            _errorsOmitted++;
        }
    }
}
