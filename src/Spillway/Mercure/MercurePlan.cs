using System.Collections.Frozen;
using Spillway.Access;
using Spillway.Access.Tokens;

namespace Spillway.Mercure;

/// <summary>Who is let in at the Mercure hub, as options said it at one time.</summary>
internal sealed class MercurePlan : CountedPlan
{
    public required MercureCredentialReader Reader { get; init; }

    /// <summary>Judges the tokens of those who publish. Its issuers are those of <see cref="Subscribers"/>, to the object.</summary>
    public required TokenValidator Publishers { get; init; }

    /// <summary>Judges the tokens of those who subscribe.</summary>
    public required TokenValidator Subscribers { get; init; }

    /// <summary>What those may do who subscribe without a token; null for nothing.</summary>
    public required AccessTicket? Anonymous { get; init; }

    /// <summary>How long the host may take to say what a request may do.</summary>
    public required TimeSpan CallbackTimeout { get; init; }

    /// <summary>How much a credential may grant.</summary>
    public required TokenLimits Limits { get; init; }

    /// <summary>What it takes for a token, for people.</summary>
    public required string Accepted { get; init; }

    /// <summary>What the hub says of itself; null: nothing.</summary>
    public required MercureMetadata? Metadata { get; init; }

    /// <summary>By what tokens are verified, and what stands for nobody.</summary>
    public required FrozenSet<string> Entries { get; init; }

    /// <summary>Begins with what another one knows, before anybody is judged by it.</summary>
    public void TakeOver(MercurePlan before)
    {
        Publishers.TakeOver(before.Publishers);
        Subscribers.TakeOver(before.Subscribers, takesKeys: false);
    }

    protected override async Task DisposeAllAsync()
    {
        await Publishers.DisposeAsync();
        await Subscribers.DisposeAsync();
    }
}
