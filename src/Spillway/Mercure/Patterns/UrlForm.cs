using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Spillway.Events;
using Spillway.Mercure.Urls;

namespace Spillway.Mercure.Patterns;

/// <summary>The form of a topic as a URL, resolved against the URL of the hub. One object per hub; any thread.</summary>
internal sealed class UrlForm : TopicForm
{
    // An event of a few topics meets many patterns one after another: each topic is parsed once for all of them.
    private const int Remembered = 8;

    [ThreadStatic]
    private static Memo[]? _memos;

    /// <param name="hubUrl">The absolute URL of the hub.</param>
    /// <exception cref="ArgumentException">It is none, or nothing is relative to it.</exception>
    public UrlForm(string hubUrl)
    {
        if (!UrlParser.TryParse(hubUrl, null, out var hub) || hub.HasOpaquePath)
        {
            throw new ArgumentException($"\"{hubUrl}\" is no URL of a hub; write one as https://example.com/.well-known/mercure.", nameof(hubUrl));
        }

        Hub = hub;
        Text = hub.ToText();
        Id = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Text)).AsSpan(0, 16));
    }

    /// <summary>The URL of the hub.</summary>
    public Url Hub { get; }

    /// <summary>The URL of the hub as text.</summary>
    public string Text { get; }

    /// <summary>Tells it from the forms of other hubs, in 22 letters: every pattern's name has it, and the URL would be longer.</summary>
    public string Id { get; }

    /// <summary>The topic as a URL; null where it is none.</summary>
    public Url? Resolve(ReadOnlySpan<byte> topic) => Remember(topic).Url;

    /// <summary>The topic's URL as text, without a user: patterns that name none match whatever user there is.</summary>
    public override byte[]? Of(ReadOnlySpan<byte> topic)
    {
        var memo = Remember(topic);
        return memo.Url is null ? null : memo.Form ??= Encoding.UTF8.GetBytes(memo.Url.ToText(credentials: false));
    }

    private Memo Remember(ReadOnlySpan<byte> topic)
    {
        var hash = new HashCode();
        hash.AddBytes(topic);
        var memos = _memos ??= new Memo[Remembered];
        ref var memo = ref memos[(uint)hash.ToHashCode() % Remembered];
        if (memo is null || !ReferenceEquals(memo.Owner, this) || !topic.SequenceEqual(memo.Topic))
        {
            UrlParser.TryParse(Encoding.UTF8.GetString(topic), Hub, out var url);
            memo = new Memo(this, topic.ToArray(), url);
        }

        return memo;
    }

    private sealed class Memo(UrlForm owner, byte[] topic, Url? url)
    {
        public UrlForm Owner => owner;

        public byte[] Topic => topic;

        public Url? Url => url;

        public byte[]? Form { get; set; }
    }
}
