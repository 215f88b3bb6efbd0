namespace Spillway.Tests.Hub;

/// <summary>How much was tried, of what.</summary>
internal sealed class GrantTally
{
    public long Cases { get; set; }

    public long Delivered { get; set; }

    /// <summary>Asked for, and not granted.</summary>
    public long Withheld { get; set; }

    /// <summary>For a subscriber by an alternate alone.</summary>
    public long ByAlternate { get; set; }

    public long InGaps { get; set; }

    public long Refused { get; set; }

    /// <summary>Renewals that changed what is delivered.</summary>
    public long Renewed { get; set; }

    public long Revoked { get; set; }

    public override string ToString() => $"{Cases} cases: {Delivered} delivered, {Withheld} withheld, {ByAlternate} by an alternate, {InGaps} in gaps, {Refused} refusals, {Renewed} renewals, {Revoked} revocations";
}
