using System.Security.Cryptography.X509Certificates;
using Spillway.Access;
using Spillway.Access.Certificates;

namespace Spillway.Tests.Access;

public sealed class SubjectTextTests
{
    private const string Hash = "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";

    [Theory]
    [InlineData("a", "CN=a")]
    [InlineData("a,b+c;d\"e\\f<g>h", "CN=a\\,b\\+c\\;d\\\"e\\\\f\\<g\\>h")]
    [InlineData(" a ", "CN=\\ a\\ ")]
    [InlineData(" ", "CN=\\ ")]
    [InlineData("#a#", "CN=\\#a#")]
    [InlineData("a\0b", "CN=a\\00b")]
    [InlineData("ä", "CN=ä")]
    public void Of_Value_IsEscapedAsRfc4514HasIt(string value, string expected)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(value);

        Assert.Equal(expected, SubjectText.Of(name.Build()));
    }

    [Fact]
    public void Of_SeveralAttributes_TheLastComesFirst()
    {
        var name = new X500DistinguishedName("DC=net, DC=example, C=DE, O=Example, E=a@example.net, CN=press 7", X500DistinguishedNameFlags.None);

        Assert.Equal("CN=press 7,emailAddress=a@example.net,O=Example,C=DE,DC=example,DC=net", SubjectText.Of(name)); // As the RFC's own examples.
    }

    [Fact]
    public void Of_WhatHasNoTextHere_IsNull()
    {
        var unknown = new X500DistinguishedNameBuilder();
        unknown.Add("1.2.3.4", "a");

        Assert.Null(SubjectText.Of(unknown.Build()));
        Assert.Null(SubjectText.Of(new X500DistinguishedName("")));
        Assert.Null(SubjectText.Of(new X500DistinguishedName(Convert.FromHexString("3016311430080603550403" + "0C0161" + "3008060355040B" + "0C0162"))));
        Assert.Null(SubjectText.Of(new X500DistinguishedName([0x30, 0x05, 0x31, 0x7F])));
    }

    [Theory]
    [InlineData(null, null, "Spillway:Access:ClientCertificates:0 has neither Sha256 nor Subject")]
    [InlineData(Hash, "CN=a", "Spillway:Access:ClientCertificates:0 has both Sha256 and Subject")]
    [InlineData("00", null, "Spillway:Access:ClientCertificates:0:Sha256 is not 64 hexadecimal digits")]
    [InlineData(null, "press 7", "Spillway:Access:ClientCertificates:0:Subject is \"press 7\"")]
    public void FindFaults_EntryIsNone_IsTold(string? hash, string? subject, string expected)
    {
        var options = new AccessOptions { ClientCertificates = { new ClientCertificateOptions { Id = "a", Sha256 = hash, Subject = subject } } };

        Assert.StartsWith(expected, Assert.Single(AccessSetup.FindFaults(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_TwiceTheSameOrBadGrants_AreTold()
    {
        var options = new AccessOptions();
        options.ClientCertificates.Add(new ClientCertificateOptions { Id = "a", Sha256 = Hash });
        options.ClientCertificates.Add(new ClientCertificateOptions { Id = "b", Sha256 = Hash.Replace(":", "", StringComparison.Ordinal), Subscribe = { "a/**/b" } });
        options.ClientCertificates.Add(new ClientCertificateOptions { Id = "c", Subject = "CN=c" });
        options.ClientCertificates.Add(new ClientCertificateOptions { Id = "d", Subject = "CN=c" });

        var faults = AccessSetup.FindFaults(options);

        string[] expected = ["Spillway:Access:ClientCertificates:1:Sha256 ", "Spillway:Access:ClientCertificates:1:Subscribe ", "Spillway:Access:ClientCertificates:3:Subject "];
        Assert.Equal(expected.Length, faults.Count);
        Assert.All(expected.Zip(faults), static pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
