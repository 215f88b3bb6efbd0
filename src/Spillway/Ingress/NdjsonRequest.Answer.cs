using System.Buffers;
using System.Text.Json;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>What the publisher hears at the end.</summary>
internal sealed partial class NdjsonRequest
{
    private Task AnswerAsync()
    {
        if (_fault is not null && _accepted + _duplicates == 0)
        {
            return ProblemWriter.WriteAsync(_context, _fault); // Nothing was added: say so in a way that every client understands.
        }

        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, ProblemWriter.Legible))
        {
            json.WriteStartObject();
            PublishAnswer.WriteCounts(json, _accepted, _duplicates, _last, _committer.Cursors);
            json.WriteStartArray("errors"u8);
            foreach (var (line, problem) in _errors)
            {
                json.WriteStartObject();
                json.WriteNumber("line"u8, line);
                json.WriteNumber("status"u8, problem.Status);
                json.WriteString("title"u8, problem.Title);
                json.WriteString("detail"u8, problem.Detail);
                if (problem.Field is { } field)
                {
                    json.WriteString("field"u8, field);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (_errorsOmitted > 0)
            {
                json.WriteNumber("errorsOmitted"u8, _errorsOmitted);
            }

            json.WriteEndObject();
        }

        return PublishAnswer.WriteAsync(_context, Commit, body);
    }

    /// <summary>Waits a moment for the publisher to take its answer and go. The server itself would wait for the rest of the body, as long as the whole hub may take to stop.</summary>
    private async Task HangUpAsync()
    {
        try
        {
            _context.RequestAborted.ThrowIfCancellationRequested(); // Of an answer that nobody was left to be given there is nothing to complete.
            await _context.Response.CompleteAsync();
            _idle.Change(HangUpAfter, Timeout.InfiniteTimeSpan);
            for (var read = await _reader.ReadAsync(_context.RequestAborted); read is { IsCompleted: false, IsCanceled: false }; read = await _reader.ReadAsync(_context.RequestAborted))
            {
                _reader.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            // It has gone.
        }

        _context.Abort();
    }
}
