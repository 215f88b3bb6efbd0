using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Spillway.Ingress;

/// <summary>A whole request body in one piece of memory, in the server's own buffer where it fits. Dispose it before the answer is written.</summary>
internal sealed class RequestBody : IDisposable
{
    private readonly PipeReader _reader;
    private readonly ReadOnlySequence<byte> _buffer;
    private readonly byte[]? _rented;

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

    /// <summary>Reads the body; null if it has more than <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<RequestBody?> ReadAsync(HttpContext context, int maxBytes)
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
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    public void Dispose()
    {
        _reader.AdvanceTo(_buffer.End);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    private static RequestBody? GiveUp(HttpContext context)
    {
        CloseConnection(context);
        return null;
    }
}
