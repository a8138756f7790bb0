package haconf

import (
	"strings"
	"testing"
)

func TestReadSettings(t *testing.T) {
	for text, want := range map[string]Settings{
		"global\n chroot \"/var/lib/hap roxy\"\n user haproxy\n group hap\n set-dumpable\n": {"/var/lib/hap roxy", "haproxy", "hap", Used},
		"global\n uid 99\n gid 98\n set-dumpable off\n":                                     {"", "99", "98", NotUsed},
		"global\n.if defined(X)\n set-dumpable\n.endif\n":                                   {Dumpable: MaybeUsed},
		"global\n set-dumpable\n no set-dumpable\n":                                         {Dumpable: NotUsed},
		"global\n chroot \"$DIR\"\nfrontend f\n bind :80\n":                                 {},
		"defaults\n mode http\nglobal\n chroot /a\nglobal\n chroot /b\n":                    {Chroot: "/b"},
		"userlist u\n user bob password x\n":                                                {},
	} {
		got, err := ReadSettings([]string{"-"}, strings.NewReader(text))
		if err != nil || *got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if _, err := ReadSettings([]string{"-"}, strings.NewReader("<VirtualHost>\n")); err == nil {
		t.Error("another program's file was taken")
	}
}
