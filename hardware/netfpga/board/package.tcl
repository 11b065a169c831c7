# Packages the core as an IP of Vivado, 2016.4 to 2023.2. Never run.
#
#   vivado -mode batch -source package.tcl -tclargs PART FOLDER
#
# FOLDER gets the sources and component.xml; put it where the project looks for IP.

if {[llength $argv] != 2} { error "usage: -tclargs PART FOLDER" }
lassign $argv part folder
set name prism_output_port_lookup
set here [file dirname [file normalize [info script]]]
set folder [file normalize $folder]

file delete -force $folder
file mkdir $folder/hdl
foreach source [glob $here/*.v $here/../rtl/*.v $here/../rtl/*.vh] { file copy $source $folder/hdl }

create_project -name $name -force -dir $folder/project -part $part -ip
set_property source_mgmt_mode All [current_project]
add_files -norecurse [glob $folder/hdl/*.v $folder/hdl/*.vh]
set_property file_type {Verilog Header} [get_files *.vh]
set_property top $name [current_fileset]
update_compile_order -fileset sources_1

ipx::package_project -root_dir $folder -vendor prismspec -library prismspec -taxonomy /NetFPGA/Generic
set core [ipx::current_core]
set_property name $name $core
set_property version 1.0 $core
set_property display_name $name $core
set_property description {Prism in the place of the output port lookup} $core
set_property supported_families {
    virtex7 Production virtexuplus Production virtexuplusHBM Production
} $core
ipx::infer_user_parameters $core
ipx::check_integrity $core
ipx::save_core $core
close_project
file delete -force $folder/project
