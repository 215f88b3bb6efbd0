namespace Spillway;

/// <summary>Which versions of the Mercure protocol a hub speaks.</summary>
public enum MercureDialects
{
    /// <summary>Both; each request says which by how it asks.</summary>
    Both,

    /// <summary>Draft 8 (1.0) alone: access tokens with <c>authorization_details</c>, <c>match</c> and <c>match_urlpattern</c>.</summary>
    Draft8,

    /// <summary>0.x alone: tokens with the claim <c>mercure</c>, <c>topic</c>, URI templates.</summary>
    Classic,
}
