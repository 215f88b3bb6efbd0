using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Spillway.Problems;

/// <summary>A whole request body in one piece of memory, in the server's own buffer where it fits, or why there is none. Dispose it before the answer is written.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PipeReader? _reader;
    private readonly ReadOnlySequence<byte> _buffer;
    private readonly byte[]? _rented;

    private RequestBody(bool isTooLarge) => IsTooLarge = isTooLarge;

    private RequestBody(PipeReader reader, ReadOnlySequence<byte> buffer)
    {
        (_reader, _buffer) = (reader, buffer);
        if (buffer.IsSingleSegment)
        {
            Memory = buffer.First;
            return;
        }

        var length = (int)buffer.Length;
        _rented = ArrayPool<byte>.Shared.Rent(length);
        buffer.CopyTo(_rented);
        Memory = _rented.AsMemory(0, length);
    }

    /// <summary>The bytes, until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>Whether it has more bytes than were asked for. The caller knows which option says so.</summary>
    public bool IsTooLarge { get; }

    /// <summary>Why it could not be read, unless it is too large.</summary>
    public Problem? Problem { get; private init; }

    /// <summary>Reads the body, at most <paramref name="maxBytes"/> of it.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context, int maxBytes)
    {
        Limit(context, maxBytes);
        if (context.Request.ContentLength > maxBytes)
        {
            return GiveUp(context);
        }

        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.Buffer.Length > maxBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return GiveUp(context);
                }

                if (read.IsCompleted)
                {
                    return new RequestBody(reader, read.Buffer);
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException fault) when (fault.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return GiveUp(context); // The server counted first; with transfer coding it counts more than the body.
        }
        catch (Exception fault) when (IsFault(fault))
        {
            return new RequestBody(isTooLarge: false) { Problem = Refuse(context, fault) };
        }
    }

    /// <summary>Sets the server's own limit, whose default is another than ours; null lifts it.</summary>
    public static void Limit(HttpContext context, long? maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = maxBytes;
        }
    }

    /// <summary>Says that the connection ends with the answer, since the rest of the body is not read; else a client may send its next request into it.</summary>
    public static void CloseConnection(HttpContext context)
    {
        if (IsHttp1(context))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    /// <summary>Whether the client is why a body could not be read: it breaks off, breaks HTTP's framing, comes too slowly, or the client has gone. Only of what reading it throws.</summary>
    public static bool IsFault(Exception fault) => fault
        is IOException // Kestrel's BadHttpRequestException, what it throws at a chunk's size beyond its numbers, and a reset.
        or OperationCanceledException
        or InvalidOperationException; // Kestrel's at a trailer that is not UTF-8: as a header it would be a bad request.

    /// <summary>
    /// What a body is answered with that could not be read, and the end of its connection. Kestrel must not look for another request there: where a body of a known length ends early and bytes of it are not consumed,
    /// the connection's input stays in the midst of a read, and the next one throws into the log.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="fault">One that <see cref="IsFault"/>.</param>
    public static Problem Refuse(HttpContext context, Exception fault)
    {
        CloseConnection(context);
        if (IsHttp1(context))
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose(); // The header alone is nothing where no answer begins.
        }

        if (fault is ConnectionResetException or OperationCanceledException or InvalidOperationException)
        {
            context.Abort(); // Kestrel would try to read the rest behind the answer, and tell the log that it fails, too.
            return Problem.BrokenBody(fault is InvalidOperationException ? "Its trailers are not text." : "The connection ended.");
        }

        return fault is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } ? Problem.SlowBody() : Problem.BrokenBody(fault.Message);
    }

    public void Dispose()
    {
        _reader?.AdvanceTo(_buffer.End);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    private static bool IsHttp1(HttpContext context) => HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol);

    private static RequestBody GiveUp(HttpContext context)
    {
        CloseConnection(context);
        return new RequestBody(isTooLarge: true);
    }
}
