using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Spillway.Access.Tokens;

namespace Spillway.Access.Introspection;

/// <summary>Says what tokens allow that only their server can read. It is asked about each once at a time, and what it says is remembered for a short while.</summary>
internal sealed partial class Introspector : IAsyncDisposable
{
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(5); // A token may become good; asking about it again and again must not be free.

    private readonly IntrospectionOptions _options;
    private readonly ITokenServer _server;
    private readonly TrustedIssuer _rules;
    private readonly TokenLimits _limits;
    private readonly TokenMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TokenCache<RememberedAnswer> _good;
    private readonly TokenCache<RememberedAnswer> _bad; // By itself: whoever makes tokens up drives no good one out.
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<TokenDigest, Task<TokenResult>> _asking = [];
    private bool _isStopped;
    private volatile bool _failing; // Told already.

    /// <param name="options">How it is asked.</param>
    /// <param name="server">Who is asked; disposed with this.</param>
    /// <param name="tickets">How its answers say what tokens grant.</param>
    /// <param name="limits">How large a token and what it grants may be.</param>
    /// <param name="metrics">Where tokens are counted.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="logger">Where it is told that the server does not answer.</param>
    public Introspector(IntrospectionOptions options, ITokenServer server, ITicketReader tickets, TokenLimits limits, TokenMetrics metrics, TimeProvider clock, ILogger logger)
    {
        (_options, _server, _limits, _metrics, _clock, _logger) = (options, server, limits, metrics, clock, logger);
        _rules = new TrustedIssuer(null, string.IsNullOrEmpty(options.Audience) ? null : options.Audience, [], options.Skew, [], tickets);
        (_good, _bad) = (new TokenCache<RememberedAnswer>(options.Entries, metrics), new TokenCache<RememberedAnswer>(options.Entries, metrics));
    }

    /// <summary>Who is asked, for people.</summary>
    public string Place => _server.Place;

    /// <summary>Says what a token allows, now.</summary>
    public ValueTask<TokenResult> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        if (bytes.Length > _limits.TokenBytes)
        {
            _metrics.Presented(TokenFault.TooLarge, cached: false);
            return new(TokenResult.Refuse(TokenFault.TooLarge, $"The token has {bytes.Length} bytes; at most {_limits.TokenBytes} are allowed."));
        }

        var (digest, now) = (TokenDigest.Of(bytes), _clock.GetUtcNow());
        if ((_good.Find(digest, now) ?? _bad.Find(digest, now)) is { Result: var known })
        {
            _metrics.Presented(known.Fault, cached: known.IsGood);
            return new(known);
        }

        return AskAsync(token, digest, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] asking;
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
            asking = [.. _asking.Values];
        }

        await _stop.CancelAsync();
        await Task.WhenAll(asking);
        _server.Dispose();
        _stop.Dispose();
    }

    private async ValueTask<TokenResult> AskAsync(string token, TokenDigest digest, CancellationToken cancellationToken)
    {
        var result = BeginAsync(token, digest) is { } asking ? await asking.WaitAsync(cancellationToken)
            : TokenResult.Refuse(TokenFault.Unavailable, "The server that can read the token is being asked about too many others.");
        _metrics.Presented(result.Fault, cached: false);
        return result;
    }

    /// <summary>The question that is under way, begun now if it may be; null where there are too many.</summary>
    private Task<TokenResult>? BeginAsync(string token, TokenDigest digest)
    {
        lock (_lock)
        {
            if (_asking.TryGetValue(digest, out var asking))
            {
                return asking;
            }

            if (_isStopped || _asking.Count >= _options.Concurrency)
            {
                _metrics.Introspected("busy");
                return null;
            }

            return _asking[digest] = Task.Run(() => LookUpAsync(token, digest));
        }
    }

    private async Task<TokenResult> LookUpAsync(string token, TokenDigest digest)
    {
        try
        {
            var (content, fault) = await AskInTimeAsync(token);
            var result = content is null ? Fail(fault) : Read(content);
            Remember(digest, result);
            return result;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return TokenResult.Refuse(TokenFault.Unavailable, "The hub is stopping."); // Whoever waits is going, too.
        }
        finally
        {
            lock (_lock)
            {
                _asking.Remove(digest);
            }
        }
    }

    private async Task<KeyFetch> AskInTimeAsync(string token)
    {
        using var late = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        try
        {
            return await _server.AskAsync(token, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            return new KeyFetch(null, $"did not answer within {_options.Timeout.TotalSeconds:0.###} s");
        }
    }

    private TokenResult Read(byte[] content)
    {
        if (!StrictJson.TryParseObject(content, _limits.Depth, out var document, out var fault))
        {
            return Fail($"sends an answer that {fault}");
        }

        using (document)
        {
            var answer = document.RootElement;
            if (!answer.TryGetProperty("active", out var active) || active.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return Fail("sends an answer whose active is neither true nor false");
            }

            if (_failing)
            {
                _failing = false;
                Log.Answers(_logger, _server.Place);
            }

            var isActive = active.ValueKind == JsonValueKind.True;
            _metrics.Introspected(isActive ? "active" : "inactive");
            return isActive ? ReadTicket(answer) : TokenResult.Refuse(TokenFault.Inactive, "The token is not good, or not any more, says the server that made it.");
        }
    }

    private TokenResult ReadTicket(JsonElement answer)
    {
        if (!TokenClaims.TryRead(answer, _limits, out var claims, out var fault))
        {
            return TokenResult.Refuse(TokenFault.Claim, fault);
        }

        if (ClaimRules.FindFault(claims, _rules, _clock.GetUtcNow()) is { } refused)
        {
            return refused;
        }

        claims = claims with { Expires = claims.Expires + _options.Skew }; // As of signed tokens: it ends when it would be refused.
        return _rules.Tickets.TryRead(claims, answer, _limits, out var ticket, out fault)
            ? TokenResult.Good(ticket with { Kind = CredentialKind.Opaque, Entry = _options.Url })
            : TokenResult.Refuse(TokenFault.Grants, fault);
    }

    private TokenResult Fail(string fault)
    {
        _metrics.Introspected("failed");
        if (!_failing)
        {
            _failing = true;
            Log.Failed(_logger, _server.Place, fault);
        }

        return TokenResult.Refuse(TokenFault.Unavailable, "The server that can read the token does not say whether it is good.");
    }

    private void Remember(TokenDigest token, TokenResult result)
    {
        var now = _clock.GetUtcNow();
        if (result.IsGood)
        {
            var until = now + _options.CacheFor;
            _good.Add(token, new RememberedAnswer(result, result.Ticket.Expires < until ? result.Ticket.Expires.Value : until));
        }
        else if (result.Fault != TokenFault.Unavailable)
        {
            _bad.Add(token, new RememberedAnswer(result, now + (_options.CacheFor < RefusedFor ? _options.CacheFor : RefusedFor)));
        }
    }
}
