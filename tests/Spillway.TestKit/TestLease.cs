using Spillway.Delivery;

namespace Spillway.TestKit;

/// <summary>A lease that ends and is taken back as a test says.</summary>
internal sealed class TestLease(DateTimeOffset? expires = null) : Lease
{
    public override DateTimeOffset? Expires => expires;

    public override bool IsRevoked => Revoked;

    /// <summary>Whether it is taken back.</summary>
    public bool Revoked { get; set; }
}
