using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>
/// The topic in <c>{base}/topics/{topic}</c>, from the path as it was sent: the server's own path keeps <c>%2F</c> undecoded and resolves dot segments, and a
/// topic may hold both.
/// </summary>
/// <param name="Topic">The topic, percent-decoded once. Not validated as a topic.</param>
/// <param name="IsEnd">Whether the path goes on with <c>/end</c>.</param>
internal readonly record struct TopicPath(string Topic, bool IsEnd)
{
    private const string End = "end";

    public static bool TryRead(HttpContext context, out TopicPath path, [NotNullWhen(false)] out Problem? problem)
    {
        path = default;
        var rest = PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (!TrySkipPrefix(context, ref rest))
        {
            problem = Problem.InvalidTopic("topic", new string(rest), "stands behind a path with dot segments; send the path without them");
            return false;
        }

        var slash = rest.LastIndexOf('/');
        var isEnd = slash >= 0 && TryDecode(rest[(slash + 1)..], out var last) && last == End;
        var encoded = isEnd ? rest[..slash] : rest;
        if (!TryDecode(encoded, out var topic))
        {
            problem = Problem.InvalidTopic("topic", new string(encoded), "is not valid: every % begins two hexadecimal digits, and the bytes decoded are UTF-8");
            return false;
        }

        path = new TopicPath(topic, isEnd);
        problem = null;
        return true;
    }

    /// <summary>The path of a request target in origin form (<c>/a?b</c>) or absolute form (<c>http://host/a?b</c>).</summary>
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        target = query < 0 ? target : target[..query];
        if (target.StartsWith('/'))
        {
            return target;
        }

        var authority = target.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = target[authority..].IndexOf('/');
        return path < 0 ? "/" : target[(authority + path)..];
    }

    /// <summary>Passes over what routing has matched before the topic: as many segments, and the same ones, or the topic would be another than the path's.</summary>
    private static bool TrySkipPrefix(HttpContext context, ref ReadOnlySpan<char> rest)
    {
        var known = (context.Request.PathBase + context.Request.Path).Value.AsSpan();
        var baseSegments = context.Request.PathBase.Value.AsSpan().Count('/');
        var routeSegments = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.PathSegments.Count ?? 2; // topics/{**topic}
        for (var segment = baseSegments + routeSegments - 1; segment > 0; segment--)
        {
            if (!TryTakeSegment(ref rest, out var sent) || !TryTakeSegment(ref known, out var matched)
                || !TryDecode(sent, out var decoded) || !matched.SequenceEqual(decoded))
            {
                return false;
            }
        }

        rest = rest.StartsWith('/') ? rest[1..] : rest;
        return true;
    }

    private static bool TryTakeSegment(ref ReadOnlySpan<char> path, out ReadOnlySpan<char> segment)
    {
        segment = default;
        if (!path.StartsWith('/'))
        {
            return false;
        }

        var end = path[1..].IndexOf('/');
        segment = end < 0 ? path[1..] : path.Slice(1, end);
        path = path[(segment.Length + 1)..];
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<char> encoded, [NotNullWhen(true)] out string? text)
    {
        text = null;
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(encoded.Length));
        try
        {
            var length = 0;
            while (!encoded.IsEmpty)
            {
                var percent = encoded.IndexOf('%');
                var plain = percent < 0 ? encoded : encoded[..percent];
                length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
                encoded = encoded[plain.Length..];
                if (percent < 0)
                {
                    break;
                }

                if (encoded.Length < 3 || !byte.TryParse(encoded.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
                {
                    return false;
                }

                length++;
                encoded = encoded[3..];
            }

            if (!Utf8.IsValid(bytes.AsSpan(0, length)))
            {
                return false;
            }

            text = Encoding.UTF8.GetString(bytes, 0, length);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
