using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Spillway.Client.Subscribing;

namespace Spillway.Client.LongPolling;

/// <summary>One answer to a poll: its entries one by one, then its cursor.</summary>
internal sealed class PollAnswer(HttpResponseMessage response, PipeReader body, int maxEventBytes) : IDisposable
{
    private readonly AnswerSplitter _splitter = new(maxEventBytes);
    private ReadOnlySequence<byte> _buffer;
    private bool _reading;
    private bool _completed;
    private bool _finished;

    /// <summary>The body ended before the answer did.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether there was an entry.</summary>
    public bool HadEntries { get; private set; }

    /// <summary>There is more behind the cursor; known once the answer has been read.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The hub stops, and asks to stay away so long; null if it does not. Known once the answer has been read.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>The next entry, at last the position behind all of them, and then null.</summary>
    public async ValueTask<Arrival?> NextAsync(Action onBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_reading)
            {
                if (_splitter.TryRead(ref _buffer))
                {
                    HadEntries = true;
                    if (MessageHead.Read(_splitter.Entry, !_splitter.IsOversized) is { } arrival)
                    {
                        return arrival;
                    }

                    continue;
                }

                _reading = false;
                body.AdvanceTo(_buffer.End);
            }

            if (_completed)
            {
                return Finish();
            }

            var result = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            onBytes();
            (_buffer, _completed, _reading) = (result.Buffer, result.IsCompleted, true);
        }
    }

    public void Dispose()
    {
        body.Complete();
        response.Dispose();
    }

    private Arrival? Finish()
    {
        IsCut = !_splitter.IsComplete;
        if (IsCut || _finished)
        {
            return null;
        }

        _finished = true;
        try
        {
            using var document = JsonDocument.Parse(_splitter.Rest);
            var root = document.RootElement;
            var cursor = root.GetProperty("cursor").GetString();
            HasMore = root.TryGetProperty("more", out var more) && more.GetBoolean();
            Retry = root.TryGetProperty("retry", out var retry) && retry.TryGetInt64(out var milliseconds) && milliseconds >= 0
                ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)TimeSpan.FromDays(1).TotalMilliseconds))
                : null;
            return new Arrival(ArrivalKind.Position, cursor, default);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw BlockDecoder.Malformed(e);
        }
    }
}
