namespace Spillway.Access;

/// <summary>What a credential grants in the words of another protocol that the hub speaks. The ticket that has them grants nothing in the hub's own.</summary>
internal abstract class ForeignGrants
{
    /// <summary>Whether what the credential was made of is in the options still.</summary>
    public abstract bool StillStands { get; }

    /// <summary>What it allows to publish to, as one text: the same for the same grants.</summary>
    public abstract string PublishTexts { get; }
}
